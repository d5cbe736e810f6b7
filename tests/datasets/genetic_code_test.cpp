#include "datasets/genetic_code.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/folder.h"

namespace stroma {
namespace {

nlohmann::json golden() {
  std::ifstream file(test::folder() / "golden/genetic_codes.json");
  return nlohmann::json::parse(file);
}

std::string codon_at(size_t index) {
  constexpr std::string_view bases = "TCAG";
  return {bases[index / 16], bases[index / 4 % 4], bases[index % 4]};
}

TEST(GeneticCode, AgreesWithBiopythonInEveryTable) {
  const auto codes = golden()["codes"];
  EXPECT_EQ(codes.size(), 27u);
  for (const auto& expected : codes) {
    const GeneticCode* code = find_genetic_code(expected["table"]);
    ASSERT_TRUE(code) << expected["table"];
    std::string amino_acids, starts, stops;
    for (size_t i = 0; i < 64; ++i) {
      amino_acids += code->translate(codon_at(i));
      starts += code->is_start(codon_at(i)) ? 'M' : '-';
      stops += code->is_stop(codon_at(i)) ? '*' : '-';
    }
    EXPECT_EQ(amino_acids, expected["amino_acids"].get<std::string>()) << code->table;
    EXPECT_EQ(starts, expected["starts"].get<std::string>()) << code->table;
    EXPECT_EQ(stops, expected["stops"].get<std::string>()) << code->table;
  }
}

TEST(GeneticCode, ReadsAmbiguousCodonsAsBiopythonDoes) {
  const auto expected = golden();
  const std::string letters = expected["letters"];
  const GeneticCode* standard = find_genetic_code(1);
  size_t row = 0;
  for (const char a : letters) {
    for (const char b : letters) {
      std::string amino_acids;
      for (const char c : letters) amino_acids += standard->translate(std::string{a, b, c});
      EXPECT_EQ(amino_acids, expected["ambiguous"][row++].get<std::string>()) << a << b;
    }
  }
}

TEST(GeneticCode, BeginsAProteinOnlyWhereEveryReadingMay) {
  const GeneticCode* bacterial = find_genetic_code(11);
  EXPECT_TRUE(bacterial->is_start("NTG"));
  EXPECT_TRUE(bacterial->is_start("ath"));
  EXPECT_FALSE(bacterial->is_start("ANG"));
  EXPECT_TRUE(bacterial->is_stop("URA"));
  EXPECT_FALSE(bacterial->is_stop("URR"));
}

TEST(GeneticCode, IsMissingWhereNcbiHasNone) {
  for (const int table : {-1, 0, 7, 8, 17, 18, 19, 20, 34, 99}) {
    EXPECT_EQ(find_genetic_code(table), nullptr) << table;
  }
}

TEST(GeneticCode, ReadsAnyCaseUForTAndNoPartOfACodon) {
  const GeneticCode& code = *find_genetic_code(11);
  EXPECT_EQ(translate("auguuNTAAaa", code), "MX*");
  EXPECT_EQ(translate("A-GA?C", code), "XX");
  EXPECT_EQ(translate("at", code), "");
}

}  // namespace
}  // namespace stroma
