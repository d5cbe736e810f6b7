// EMBL flat files (ENA, and by their layout UniProt's): annotated sequences, one or several
// entries a file.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "datasets/record.h"

namespace stroma {

/// The entries, in order; `file` is the name in messages. Throws Error, with file and line, for
/// anything that is not EMBL, not whole, or without its sequence. What cannot be read in a feature
/// is that feature's problem.
std::vector<Record> parse_embl(std::string_view text, const std::string& file);

}  // namespace stroma
