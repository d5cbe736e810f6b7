// FASTA files: plain or compressed in; one line a sequence out.
#pragma once

#include <filesystem>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "datasets/dataset.h"

namespace stroma {

/// The records of a FASTA file, in order: id up to the first white space of the header, letters in
/// upper case (gaps '-' and '.' and stops '*' included). Ids may repeat; lines that begin with ';'
/// are comments. Throws Error, with file and line, for anything that is not FASTA or not whole.
std::vector<Sequence> read_fasta(const std::filesystem::path& path);

/// The same from memory; `file` is the name in messages.
std::vector<Sequence> parse_fasta(std::string_view text, const std::string& file);

/// ">id", then all letters on one line.
void write_fasta(std::ostream& out, std::span<const Sequence> sequences);

}  // namespace stroma
