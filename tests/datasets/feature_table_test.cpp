#include "datasets/feature_table.h"

#include <gtest/gtest.h>

#include "tests/datasets/small_genbank.h"

namespace stroma {
namespace {

TEST(FeatureTable, OneOddFeatureDoesNotBlockTheOthers) {
  const std::vector<std::pair<std::string, std::string>> odd = {
      {"     gene            one-of(2,4)..8\n", "'one-of(2,4)..8' cannot be read"},
      {"     gene            bond(2,4)\n", "'bond(2,4)' cannot be read"},
      {"     gene            gap()\n", "'gap()' cannot be read"},
      {"     gene            0..4\n", "position 0"},
      {"     gene            order(1..2,)\n", "a number expected"},
      {"     gene            9..2\n", "ends before it begins"},
      {"     gene            1..13\n", "outside its record"},
      {"     gene\n", "has no location"},
      {"     gene            2..4\n                     /note=\"the \"active\" site\"\n",
       "text after the closing quote of /note in line 4"},
      {"     gene            2..4\n                     /note=\"never\n                     "
       "closes\n",
       "the quote of /note in line 4 never closes"},
      {"     gene            2..4\n                     /pseudo\n                     what is "
       "this\n",
       "line 5 holds no qualifier"},
  };
  for (const auto& [text, problem] : odd) {
    const Record record = with_features(text +
                                        "                     /locus_tag=\"T\"\n     CDS           "
                                        "  2..4\n                     /gene=\"b\"\n");
    ASSERT_EQ(record.features.size(), 2u) << text;
    EXPECT_EQ(record.features[0].key, "gene");
    const std::string error = error_of([&] { location_of(record, record.features[0]); });
    EXPECT_TRUE(error.starts_with("in.gb:3: ")) << error;
    EXPECT_NE(error.find(problem), std::string::npos) << error;
    EXPECT_EQ(*record.features[0].find("locus_tag"), "T") << text;
    EXPECT_EQ(record.features[1].location, "2..4");
    EXPECT_EQ(record.features[1].problem, "");
    EXPECT_EQ(*record.features[1].find("gene"), "b");
  }
}

TEST(FeatureTable, AQuoteThatNeverClosesEndsAtTheNextSection) {
  const Record record =
      with_features("     gene            2..4\n                     /note=\"a\n");
  EXPECT_EQ(record.features.size(), 1u);
  EXPECT_EQ(record.letters, "ACGTACGTACGT");
}

TEST(FeatureTable, ReadsFeaturesInLooseLayouts) {
  const std::vector<std::string> tables = {
      std::string("     gene            join(1..2, 4..5,\n\n                     7..8)\n"
                  "                     /gene=\"a\"\n\n"
                  "                     /note=\"more\n\n                     text\"\n"),
      "\tgene\tjoin(1..2,4..5,7..8)\n\t\t/gene=\"a\"\n\t\t/note=\"more\n\t\ttext\"\n",
      std::string("  gene  join(1..2,4..5,7..8)\n           /gene=\"a\"\n           "
                  "/note=\"more\n           text\"\n"),
      std::string("     gene            join(1..2,4..5,7..8) /gene=\"a\"\n                     "
                  "/note=\"more\ntext\"\n"),
      std::string("     gene            join(1..2,4..5,7..8)\n                     /gene = \"a\"\n"
                  "                     /note=more\n                     text\n"),
  };
  for (const std::string& table : tables) {
    const Record record = with_features(table + "     CDS             2..4\n");
    ASSERT_EQ(record.features.size(), 2u) << table;
    EXPECT_EQ(record.features[0].problem, "") << table;
    EXPECT_EQ(record.features[0].location, "join(1..2,4..5,7..8)") << table;
    EXPECT_EQ(*record.features[0].find("gene"), "a") << table;
    EXPECT_EQ(*record.features[0].find("note"), "more text") << table;
    EXPECT_EQ(record.features[1].key, "CDS");
  }
}

TEST(FeatureTable, ASlashAloneIsAFlagWithoutAName) {
  const Record record = with_features("     gene            2..4\n                     /\n");
  ASSERT_EQ(record.features[0].qualifiers.size(), 1u);
  EXPECT_EQ(record.features[0].qualifiers[0].value, "");
}

TEST(FeatureTable, ALineOfANoteMayBeginWithASlash) {
  const Record record = with_features(
      "     gene            2..4\n                     /note=\"this\n                     "
      "/that=other\"\n");
  EXPECT_EQ(*record.features[0].find("note"), "this /that=other");
  EXPECT_EQ(record.features[0].problem, "");
}

}  // namespace
}  // namespace stroma
