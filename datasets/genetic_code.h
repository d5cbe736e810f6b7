// Codons to amino acids, by any of NCBI's genetic codes.
#pragma once

#include <string>
#include <string_view>

namespace stroma {

/// A genetic code as NCBI writes it: a letter for each codon, the bases in the order TCAG, the
/// first base slowest.
struct GeneticCode {
  int table;                     // NCBI's number, the value of /transl_table
  std::string_view amino_acids;  // '*' for a stop
  std::string_view ends;  // 'M' where a protein may begin, '*' where it may stop, else '-'. Codes
                          // 27, 28 and 31 have codons that stop at the end only and are amino acids
                          // before it.

  /// The amino acid of three bases in either case, U read as T. A codon with ambiguity codes is
  /// what all its readings are: an amino acid, '*', B for D or N, Z for E or Q, J for I or L, else
  /// X. X too where a letter is no base.
  char translate(std::string_view codon) const;

  /// Whether every reading of the codon may begin a protein, as M whatever it is elsewhere.
  bool is_start(std::string_view codon) const;

  /// Whether every reading of the codon may end a protein.
  bool is_stop(std::string_view codon) const;
};

/// NCBI's code of this number: 1 the standard code, 11 that of bacteria, archaea and plant
/// plastids. nullptr where NCBI has none.
const GeneticCode* find_genetic_code(int table);

/// The amino acids of the whole codons of `bases`, stops included.
std::string translate(std::string_view bases, const GeneticCode& code);

}  // namespace stroma
