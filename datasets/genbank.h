// GenBank and GenPept flat files: annotated sequences, one or several records a file.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "datasets/record.h"

namespace stroma {

/// The records of a plain or compressed file, in order. Throws Error, with file and line, for
/// anything that is not GenBank, not whole, or without its sequence. What cannot be read in a
/// feature is that feature's problem.
std::vector<Record> read_genbank(const std::filesystem::path& path);

/// The same from memory; `file` is the name in messages.
std::vector<Record> parse_genbank(std::string_view text, const std::string& file);

}  // namespace stroma
