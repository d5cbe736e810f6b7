// The letters of each alphabet: what a model's spec names and datasets/alphabet.h reads.
#pragma once

#include <string_view>

namespace stroma {

struct LetterSet {
  std::string_view key;      // in a spec
  std::string_view name;     // in messages
  std::string_view letters;  // in the order of their codes, unless a model has another
  std::string_view codes;    // that stand for several letters, for others, or for a gap
};

inline constexpr LetterSet dna_letters = {"dna", "DNA", "ACGT", "RYSWKMBDHVN-."};
inline constexpr LetterSet rna_letters = {"rna", "RNA", "ACGU", "RYSWKMBDHVN-."};
inline constexpr LetterSet protein_letters = {"protein", "protein", "ACDEFGHIKLMNPQRSTVWY",
                                              "XBZJUO*-."};
inline constexpr LetterSet letter_sets[] = {dna_letters, rna_letters, protein_letters};

}  // namespace stroma
