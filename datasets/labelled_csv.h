// Labelled sequences as CSV: `SEQUENCE, LABEL` a line, with or without a header.
#pragma once

#include <filesystem>
#include <ostream>
#include <string>
#include <string_view>

#include "datasets/dataset.h"
#include "datasets/file_format.h"

namespace stroma {

/// Reads lines of two fields with any spaces or tabs round them, either of them in double quotes
/// (`""` stands for a quote), ended by LF or CRLF; blank lines are passed over, and so is a first
/// line `sequence,label` in any case. Letters are made upper case; '*', '-' and '.' may stand among
/// them. Where labels are optional all lines may be without one: then none is in the result.
///
/// The id of a sequence is `name:line`, so that a later complaint about it leads to its line.
/// Throws Error with `name:line` at the first line that is not of this kind, and with `name` where
/// there is no line at all.
LabelledSequences parse_labelled_csv(std::string_view text, const std::string& name,
                                     Labels labels = Labels::required);

/// The same from a file, plain or compressed; ids carry the file's name without its folder.
LabelledSequences read_labelled_csv(const std::filesystem::path& path);

/// One line, the label in quotes where it needs them.
void write_labelled_csv_line(std::ostream& out, std::string_view sequence, std::string_view label);

}  // namespace stroma
