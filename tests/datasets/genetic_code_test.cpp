#include "datasets/genetic_code.h"

#include <gtest/gtest.h>

namespace stroma {
namespace {

TEST(GeneticCode, IsTranslationTable11) {
  // NCBI writes its tables with the bases in the order TCAG, first base slowest.
  const std::string table = "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG";
  const std::string bases = "TCAG";
  for (size_t i = 0; i < 64; ++i) {
    const std::string codon = {bases[i / 16], bases[i / 4 % 4], bases[i % 4]};
    EXPECT_EQ(translate_codon(codon), table[i]) << codon;
  }
}

TEST(GeneticCode, ReadsAnyCaseUForTAndNoPartOfACodon) {
  EXPECT_EQ(translate("auguuNTAAaa"), "MX*");
  EXPECT_EQ(translate("at"), "");
}

}  // namespace
}  // namespace stroma
