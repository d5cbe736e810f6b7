#include "datasets/labelled_csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <sstream>

#include "tests/datasets/files.h"

namespace stroma {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;

std::string message_of(const std::string& text) {
  return error_of([&] { parse_labelled_csv(text, "data/w.csv"); });
}

TEST(LabelledCsv, ReadsThePublishedForm) {
  const LabelledSequences labelled = parse_labelled_csv("ACGT, petA\nTTGA, psbA\n", "data/w.csv");
  ASSERT_EQ(labelled.sequences.size(), 2u);
  EXPECT_EQ(labelled.sequences[0].letters, "ACGT");
  EXPECT_EQ(labelled.sequences[1].letters, "TTGA");
  EXPECT_EQ(labelled.sequences[1].id, "w.csv:2");
  EXPECT_THAT(labelled.labels, ElementsAre("petA", "psbA"));
}

TEST(LabelledCsv, TakesEachWayOfWritingALine) {
  for (const std::string& line : std::vector<std::string>{
           "ACGT,a b", "ACGT , a b", "ACGT,\ta b\t", "  ACGT, a b ", "\"ACGT\",\"a b\"",
           "\"ACGT\" , \"a b\" ", "acgt, a b", std::string("\xef\xbb\xbf") + "ACGT, a b"}) {
    for (const std::string end : {"", "\n", "\n\n", "\r\n \r\n"}) {
      const LabelledSequences labelled = parse_labelled_csv(line + end, "x");
      ASSERT_EQ(labelled.sequences.size(), 1u) << line;
      EXPECT_EQ(labelled.sequences[0].letters, "ACGT") << line;
      EXPECT_EQ(labelled.labels[0], "a b") << line;
    }
  }
  EXPECT_EQ(parse_labelled_csv("A, \"say \"\"a, b\"\"\"", "x").labels[0], "say \"a, b\"");
  EXPECT_EQ(parse_labelled_csv("A, 5\"utr", "x").labels[0], "5\"utr");
  EXPECT_EQ(parse_labelled_csv("A, \xce\xb1", "x").labels[0], "\xce\xb1");  // alpha, in UTF-8
}

TEST(LabelledCsv, SaysWhatIsWrongAndWhere) {
  EXPECT_THAT(message_of(""), HasSubstr("data/w.csv: the file is empty"));
  EXPECT_THAT(message_of("\n \n"), HasSubstr("data/w.csv: the file is empty"));
  EXPECT_THAT(message_of("AC, a\n\nACGT"), HasSubstr("data/w.csv:3: two fields"));
  EXPECT_THAT(message_of("AC, a, 1"), HasSubstr("but there are 3"));
  EXPECT_THAT(message_of(">petA\nACGT\n"), HasSubstr("data/w.csv:1: two fields"));
  EXPECT_THAT(message_of("##gff-version 3\n"), HasSubstr("FASTA, it must begin with '>'"));
  EXPECT_THAT(message_of("AC, a\nACGT\n"), EndsWith("but there is 1"));
  EXPECT_THAT(message_of("AC\ta\n"), HasSubstr("put a comma for the tab"));
  EXPECT_THAT(message_of("AC;a\n"), HasSubstr("put a comma for the semicolon"));
  EXPECT_THAT(message_of("AC, a\n, b\n"), HasSubstr("data/w.csv:2: the sequence is empty"));
  EXPECT_THAT(message_of("AC, a\nAC, \n"), HasSubstr("data/w.csv:2: the label is empty"));
  EXPECT_THAT(message_of("AC, \"\"\n"), HasSubstr("the label is empty"));
  EXPECT_THAT(message_of("A1, a\n"), HasSubstr("has '1'"));
  EXPECT_THAT(message_of("AC, \"a\n\""), HasSubstr("data/w.csv:1: a quote is opened"));
  EXPECT_THAT(message_of("\"AC\"G, a"), HasSubstr("text follows a closing quote"));
  EXPECT_THAT(message_of("\nSequence, label\nAC, a"), HasSubstr("w.csv:2: this is a header"));
  EXPECT_THAT(message_of("sequence,gene\nAC, a"), HasSubstr("w.csv:1: this is a header"));
  EXPECT_THAT(message_of(std::string("\x7f"
                                     "ELF\0\1\2",
                                     7)),
              HasSubstr("this is not text"));
}

TEST(LabelledCsv, RefusesLabelsThatAreNotUtf8) {
  for (const std::string label : {"\xff", "\x80", "\xc3", "\xc0\xaf", "\xe0\x80\xaf",
                                  "\xed\xa0\x80", "\xf0\x80\x80\xaf", "\xf4\x90\x80\x80"}) {
    EXPECT_THAT(message_of("AC, a" + label), HasSubstr("data/w.csv:1: this is not text"));
  }
}

TEST(LabelledCsv, ReadsBackAllThatItWrites) {
  std::mt19937 generator(1);
  std::ostringstream csv;
  std::vector<std::string> labels;
  for (int i = 0; i < 1000; ++i) {
    std::string label = "a";
    for (int k = generator() % 6; k > 0; --k) {
      label.insert(generator() % (label.size() + 1), 1, "\", \tb"[generator() % 5]);
    }
    labels.push_back(label);
    write_labelled_csv_line(csv, "ACGT", label);
  }
  EXPECT_EQ(parse_labelled_csv(csv.str(), "x").labels, labels);
}

TEST(ReadLabelledCsv, ReadsCompressedFilesAndNamesThoseItCannotRead) {
  const TemporaryFolder folder;
  const auto gzip = folder.write_compressed("w.csv.gz", "ACGT, a\n", "wg");
  EXPECT_EQ(read_labelled_csv(gzip).sequences.at(0).id, "w.csv.gz:1");
  EXPECT_THAT(error_of([] { read_labelled_csv("/no/such/file.csv"); }),
              HasSubstr("/no/such/file.csv"));
}

}  // namespace
}  // namespace stroma
