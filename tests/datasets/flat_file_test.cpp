#include "datasets/flat_file.h"

#include <gtest/gtest.h>

#include "datasets/alphabet.h"
#include "tests/datasets/small_genbank.h"

namespace stroma {
namespace {

TEST(FlatFile, TakesTheNameWhereTheVersionIsMissing) {
  for (const char* version : {"", "VERSION     .\n", "VERSION\n"}) {
    EXPECT_EQ(read_one(fmt::format("LOCUS X 12 bp\n{}{}", version, origin)).id, "X");
  }
  EXPECT_EQ(read_one(std::string("LOCUS X 12 bp\nVERSION     X.2\n") + origin).id, "X.2");
  EXPECT_EQ(with_locus("LOCUS . 12 bp").id, "unnamed");
}

TEST(FlatFile, TellsRecordsOfOneIdApart) {
  std::string text;
  for (const char* id : {"A.1", "A.1#2", "A.1", "A.1", "B.1"}) {
    text += fmt::format("LOCUS X 12 bp\nVERSION     {}\n{}", id, origin);
  }
  std::vector<std::string> ids;
  for (const Record& record : parse_genbank(text, "in.gb")) ids.push_back(record.id);
  EXPECT_EQ(ids, (std::vector<std::string>{"A.1", "A.1#2", "A.1#3", "A.1#4", "B.1"}));
}

TEST(FlatFile, RefusesAnIdThatCanBeNoName) {
  const std::string error = genbank_error(std::string("LOCUS       M\xfcller 12 bp\n") + origin);
  EXPECT_TRUE(error.starts_with("in.gb:1: the record's id")) << error;
  const Record record =
      read_one(std::string("LOCUS       X 12 bp\nREFERENCE   1\n  AUTHORS   M\xfcller\n") + origin);
  EXPECT_EQ(record.id, "X");
}

TEST(FlatFile, ReadsNumbersOfSequenceLinesInAnyColumn) {
  for (const char* lines :
       {" 99999961 acgtac\n100000021 gtacgt\n", "1 acgtac\n7 gtacgt\n", "acgtac\ngtacgt\n",
        "\tacgtac\n\n\tgtacgt\n", "1acgtac gtacgt\n", "     acgtacgtac gt     12\n"}) {
    EXPECT_EQ(read_one(fmt::format("LOCUS X 12 bp\nORIGIN      text\n{}//\n", lines)).letters,
              "ACGTACGTACGT");
  }
}

TEST(FlatFile, HasOneKindOfLetterOnBothStrands) {
  const Record record = read_one("LOCUS X 6 bp RNA\nORIGIN\n 1 acguuT\n//\n");
  EXPECT_EQ(record.letters, "ACGTTT");
  EXPECT_EQ(
      letters_at(parse_location("complement(1..6)", {.length = 6, .where = "x"}), record.letters),
      "AAACGT");
}

}  // namespace
}  // namespace stroma
