#include "augment/reverse_complement.h"

#include <algorithm>

#include "datasets/alphabet.h"

namespace stroma {

std::vector<LabelledWindow> reverse_complements(std::span<const LabelledWindow> train,
                                                uint64_t /*seed*/) {
  std::vector<LabelledWindow> copies(train.begin(), train.end());
  for (LabelledWindow& copy : copies) {
    std::string& letters = copy.sequence.letters;
    const bool rna = letters.find('U') != std::string::npos;
    letters = reverse_complement(letters);
    if (rna) std::replace(letters.begin(), letters.end(), 'T', 'U');
    copy.sequence.id += "(-)";
  }
  return copies;
}

}  // namespace stroma
