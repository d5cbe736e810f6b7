#include "datasets/genetic_code.h"

#include "datasets/alphabet.h"

namespace stroma {

char translate_codon(std::string_view codon) {
  // In the order of the codes of ACGT, first base slowest.
  constexpr std::string_view amino_acids =
      "KNKNTTTTRSRSIIMI"
      "QHQHPPPPRRRRLLLL"
      "EDEDAAAAGGGGVVVV"
      "*Y*YSSSS*CWCLFLF";
  const Alphabet& dna = dna_alphabet(/*u_is_t=*/true);
  size_t index = 0;
  for (const char base : codon.substr(0, 3)) {
    if (!dna.contains(base)) return 'X';
    index = 4 * index + dna.code(base);
  }
  return amino_acids[index];
}

std::string translate(std::string_view bases) {
  std::string protein;
  for (size_t i = 0; i + 3 <= bases.size(); i += 3) protein += translate_codon(bases.substr(i, 3));
  return protein;
}

}  // namespace stroma
