#include "datasets/labelled_csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <sstream>

#include "datasets/text_file.h"
#include "tests/datasets/files.h"
#include "tests/datasets/packed.h"

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
  EXPECT_THAT(message_of("some words\n"), HasSubstr("FASTA, it must begin with '>'"));
  EXPECT_THAT(message_of("AC, a\nACGT\n"),
              EndsWith("is 1; write its label behind it, after a comma"));
  EXPECT_THAT(message_of("AC\ta\n"), HasSubstr("put a comma for the tab"));
  EXPECT_THAT(message_of("AC;a\n"), HasSubstr("put a comma for the semicolon"));
  EXPECT_THAT(message_of("AC, a\n, b\n"), HasSubstr("data/w.csv:2: the sequence is empty"));
  EXPECT_THAT(message_of("AC, a\nAC, \n"), HasSubstr("data/w.csv:2: the label is empty"));
  EXPECT_THAT(message_of("AC, \"\"\n"), HasSubstr("the label is empty"));
  EXPECT_THAT(message_of("A1, a\n"), EndsWith("the first field has the character '1'"));
  EXPECT_THAT(message_of("AC, \"a\n\""), HasSubstr("data/w.csv:1: a quote is opened"));
  EXPECT_THAT(message_of("\"AC\"G, a"), HasSubstr("text follows a closing quote"));
  EXPECT_THAT(message_of("sequence,gene\n"),
              HasSubstr("data/w.csv: the file holds a header alone"));
  EXPECT_THAT(message_of("Label,Sequence\na,AC\n"), HasSubstr("w.csv:1: this header names"));
  EXPECT_THAT(message_of("AC, a\nsequence, b7\nA7, c"), HasSubstr("w.csv:3: a sequence must"));
  EXPECT_THAT(message_of(std::string("\x7f"
                                     "ELF\0\1\2",
                                     7)),
              HasSubstr("this is not text"));
}

TEST(LabelledCsv, RefusesLabelsThatAreNoText) {
  EXPECT_EQ(message_of("AC, a\nAC, m\xfc"),
            "data/w.csv:2: the label 'm\\xFC' is not UTF-8; convert the file, as by iconv -f "
            "LATIN1 -t UTF-8 FILE");
  EXPECT_THAT(message_of("AC, a\tb"),
              HasSubstr("data/w.csv:1: the label 'a\\x09b' holds a control"));
  EXPECT_THAT(message_of(std::string("AC, \0", 5)), HasSubstr("w.csv:1: the label '\\x00' holds"));
}

TEST(LabelledCsv, PassesOverAHeader) {
  for (const std::string header : {"sequence,label", "SEQUENCE, LABEL", "\n\"Sequence\",\"gene\"",
                                   "seq,label", "Seq, Class"}) {
    const LabelledSequences labelled = parse_labelled_csv(header + "\nACGT, a\n", "x");
    EXPECT_THAT(labelled.labels, ElementsAre("a")) << header;
  }
  EXPECT_THAT(parse_labelled_csv("SEQ, a\n", "x").labels, ElementsAre("a"));  // a peptide
  EXPECT_THAT(parse_labelled_csv("ACGT, seq\n", "x").labels, ElementsAre("seq"));
}

TEST(LabelledCsv, ReadsSequencesWithoutLabelsWhereNoneAreNeeded) {
  for (const std::string text : {"ACGT\nTTGA\n", "sequence\nacgt\nttga", "ACGT,\n\"TTGA\" , \n"}) {
    const LabelledSequences read = parse_labelled_csv(text, "d/w.csv", Labels::optional);
    ASSERT_EQ(read.sequences.size(), 2u) << text;
    EXPECT_EQ(read.sequences[1].letters, "TTGA");
    EXPECT_EQ(read.sequences[1].file, "d/w.csv");
    EXPECT_TRUE(read.labels.empty());
  }
  EXPECT_THAT(parse_labelled_csv("ACGT, a\nTTGA, b\n", "x", Labels::optional).labels,
              ElementsAre("a", "b"));
  EXPECT_THAT(message_of("ACGTACGTAA\nACGTACGTCC\n"), HasSubstr("data/w.csv:1: two fields"));
}

TEST(LabelledCsv, RefusesLabelsOnSomeLinesOnly) {
  const auto message = [](const std::string& text) {
    return error_of([&] { parse_labelled_csv(text, "w.csv", Labels::optional); });
  };
  EXPECT_EQ(message("AC, a\n\nAC\n"),
            "w.csv:3: no label, but line 1 has one; give a label on each line or on none");
  EXPECT_EQ(message("\nAC\nAC, b\n"),
            "w.csv:3: a label, but line 2 has none; give a label on each line or on none");
  EXPECT_THAT(message("hello world\n"), HasSubstr("w.csv:1: two fields"));
  EXPECT_THAT(message("\n"), HasSubstr("`SEQUENCE, LABEL` or `SEQUENCE` are expected"));
}

TEST(LabelledCsv, ReadsTheSharedFileWithoutLabels) {
  const auto data = real_data();
  if (!data) GTEST_SKIP() << "no shared data";
  const std::string path = (*data / "odd-files/no_labels.csv").string();
  EXPECT_EQ(parse_labelled_csv(read_text_file(path), path, Labels::optional).sequences.size(), 2u);
}

TEST(LabelledCsv, ReadsBackAllThatItWrites) {
  std::mt19937 generator(1);
  std::ostringstream csv;
  std::vector<std::string> labels;
  for (int i = 0; i < 1000; ++i) {
    std::string label = "a";
    for (int k = generator() % 6; k > 0; --k) {
      label.insert(generator() % (label.size() + 1), 1, "\", b"[generator() % 4]);
    }
    labels.push_back(label);
    write_labelled_csv_line(csv, "ACGT", label);
  }
  EXPECT_EQ(parse_labelled_csv(csv.str(), "x").labels, labels);
}

TEST(ReadLabelledCsv, ReadsCompressedFilesAndNamesThoseItCannotRead) {
  const TemporaryFolder folder;
  const auto packed = folder.write("w.csv.gz", gzip("ACGT, a\n"));
  EXPECT_EQ(read_labelled_csv(packed).sequences.at(0).id, "w.csv.gz:1");
  EXPECT_THAT(error_of([] { read_labelled_csv("/no/such/file.csv"); }),
              HasSubstr("/no/such/file.csv"));
}

}  // namespace
}  // namespace stroma
