// Codons to amino acids: the bacterial, archaeal and plant plastid code (NCBI translation table 11,
// whose amino acids are those of the standard code).
#pragma once

#include <string>
#include <string_view>

namespace stroma {

/// The amino acid of three bases of ACGTU in either case, '*' for a stop, 'X' where a base is any
/// other letter.
char translate_codon(std::string_view codon);

/// The amino acids of the whole codons of `bases`, stops included.
std::string translate(std::string_view bases);

}  // namespace stroma
