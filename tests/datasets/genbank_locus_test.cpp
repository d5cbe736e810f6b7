#include "datasets/genbank_locus.h"

#include <gtest/gtest.h>

#include "tests/datasets/small_genbank.h"

namespace stroma {
namespace {

TEST(GenBankLocus, ReadsTheLocusLinesOfOtherPrograms) {
  for (const char* locus :
       {"LOCUS       X                         12 bp ds-DNA   circular     01-JAN",
        "LOCUS X 12 bp dna circular", "locus       X 12 BP DNA     CIRCULAR SYN",
        "LOCUS\tX\t12bp\tcircular", "LOCUS X 12 DNA circular", "LOCUS X DNA circular"}) {
    const Record record = with_locus(locus);
    EXPECT_EQ(record.name, "X") << locus;
    EXPECT_TRUE(record.circular) << locus;
    EXPECT_FALSE(record.protein) << locus;
    EXPECT_EQ(record.letters, "ACGTACGTACGT");
  }
  EXPECT_EQ(with_locus("LOCUS X").name, "X");
  EXPECT_EQ(with_locus("LOCUS my own plasmid 12 bp").name, "my_own_plasmid");
  EXPECT_EQ(with_locus("LOCUS the aa gene 12 bp").name, "the_aa_gene");
  EXPECT_EQ(with_locus("\n  \n  LOCUS X 12 bp").name, "X");
  EXPECT_FALSE(with_locus("LOCUS circular 12 bp DNA linear").circular);
}

TEST(GenBankLocus, SplitsANameThatRunsIntoItsLength) {
  EXPECT_EQ(with_locus("LOCUS       NODE_1_length_12_cov_3.412 bp DNA").id,
            "NODE_1_length_12_cov_3.4");
  EXPECT_EQ(
      genbank_error(std::string("LOCUS       NODE_1_cov_3.413 bp DNA\n") + origin),
      "in.gb:1: the LOCUS line runs name and length together ('NODE_1_cov_3.413') and the "
      "sequence has 12 bp; put a space between name and length; write it as 'LOCUS       NAME  "
      " 1234 bp    DNA     linear'");
}

}  // namespace
}  // namespace stroma
