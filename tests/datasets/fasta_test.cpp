#include "datasets/fasta.h"

#include <gtest/gtest.h>

#include <random>
#include <sstream>

#include "tests/datasets/files.h"

namespace stroma {
namespace {

std::string error_on(const std::string& text) {
  return error_of([&] { parse_fasta(text, "in.fa"); });
}

TEST(Fasta, ReadsRecordsOverSeveralLinesInEitherLineEnd) {
  const std::string text = "\n>one first record\nACGT\nac-.*\n\n>two\tsecond\nNNN \n>one\nA";
  std::string crlf;
  for (const char c : text) crlf += c == '\n' ? std::string("\r\n") : std::string(1, c);
  for (const std::string& input : {text, crlf}) {
    const auto sequences = parse_fasta(input, "in.fa");
    ASSERT_EQ(sequences.size(), 3u);
    EXPECT_EQ(sequences[0].id, "one");
    EXPECT_EQ(sequences[0].letters, "ACGTAC-.*");
    EXPECT_EQ(sequences[0].line, 2);
    EXPECT_EQ(sequences[1].id, "two");
    EXPECT_EQ(sequences[1].letters, "NNN");
    EXPECT_EQ(sequences[1].line, 6);
    EXPECT_EQ(sequences[2].id, "one");
    EXPECT_EQ(sequences[2].letters, "A");
  }
}

TEST(Fasta, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(error_on("ACGT\n"),
            "in.fa:1: not a FASTA file (its first line does not start with '>')");
  EXPECT_EQ(error_on(""), "in.fa: the file is empty");
  EXPECT_EQ(error_on(" \n\n"), "in.fa: the file holds no FASTA record");
  EXPECT_EQ(error_on(">a\nACGT\n>\nACGT\n"),
            "in.fa:3: the record has no id; write one right after '>'");
  EXPECT_EQ(error_on(">a\nACGT\n> b\nACGT\n"),
            "in.fa:3: the record has no id; write one right after '>'");
  EXPECT_EQ(error_on(">a\n\n>b\nACGT\n"), "in.fa:1: record 'a' has no sequence");
  EXPECT_EQ(error_on(">a\nACGT\n>b\n"), "in.fa:3: record 'b' has no sequence");
  EXPECT_EQ(error_on(">a\nACGT\nAC7T\n"),
            "in.fa:3: the character '7' in a sequence; FASTA holds letters only, after a header "
            "that starts with '>'");
  EXPECT_EQ(error_on(std::string(">a\nAC\0", 6)),
            "in.fa:2: the byte 0x00 in a sequence; FASTA holds letters only, after a header that "
            "starts with '>'");
}

TEST(Fasta, WhatIsWrittenReadsBackTheSame) {
  std::mt19937 random(5);
  std::vector<Sequence> sequences;
  for (const int length : {1, 2, 59, 60, 61, 5000}) {
    Sequence sequence{"id" + std::to_string(length), ""};
    for (int i = 0; i < length; ++i) sequence.letters += "ACGTN-*"[random() % 7];
    sequences.push_back(sequence);
  }
  std::ostringstream out;
  write_fasta(out, sequences);
  const TemporaryFolder folder;
  for (const auto& path :
       {folder.write("plain", out.str()), folder.write_compressed("gzip", out.str(), "wg"),
        folder.write_compressed("bgzip", out.str(), "w")}) {
    const auto read = read_fasta(path);
    ASSERT_EQ(read.size(), sequences.size());
    for (size_t i = 0; i < read.size(); ++i) {
      EXPECT_EQ(read[i].id, sequences[i].id);
      EXPECT_EQ(read[i].letters, sequences[i].letters);
    }
  }
}

TEST(Fasta, NamesTheFileInMessages) {
  const TemporaryFolder folder;
  const auto path = folder.write("x.fa", "no\n");
  EXPECT_TRUE(error_of([&] { read_fasta(path); }).starts_with(path.string() + ":1: not a FASTA"));
}

}  // namespace
}  // namespace stroma
