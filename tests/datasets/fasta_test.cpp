#include "datasets/fasta.h"

#include <gtest/gtest.h>

#include <random>
#include <sstream>

#include "tests/datasets/files.h"
#include "tests/datasets/packed.h"

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
  EXPECT_EQ(error_on(">a\n\n>b\nACGT\n"),
            "in.fa:1: record 'a' has no sequence; write it below this line, or remove the record");
  EXPECT_EQ(error_on(">a\nACGT\n>b\n"),
            "in.fa:3: record 'b' has no sequence; write it below this line, or remove the record");
  EXPECT_EQ(error_on(">a\nACGT\nAC7T\n"),
            "in.fa:3: the character '7' in a sequence; FASTA holds letters only, after a header "
            "that starts with '>'");
  EXPECT_EQ(error_on(std::string(">a\nAC\0", 6)),
            "in.fa:2: the byte 0x00 in a sequence; FASTA holds letters only, after a header that "
            "starts with '>'");
}

TEST(Fasta, TakesIdsOfAnyKindWhole) {
  for (const std::string id : {"NC_000001.1", "gi|5835135|ref|NC_001643.1|", "ycf1_fragment", "_",
                               "m\xc3\xbc", "a;b,c\"d"}) {
    const auto sequences = parse_fasta(">" + id + " rest\nACGT\n", "in.fa");
    EXPECT_EQ(sequences.at(0).id, id);
    EXPECT_EQ(sequences.at(0).file, "in.fa");
    EXPECT_EQ(sequences.at(0).record, "");
  }
}

TEST(Fasta, RefusesIdsThatAreNoText) {
  EXPECT_EQ(
      error_on(">a\nAC\n>m\xfc\nAC\n"),
      "in.fa:3: the id 'm\\xFC' is not UTF-8; convert the file, as by iconv -f LATIN1 -t UTF-8 "
      "FILE");
  EXPECT_EQ(error_on(std::string(">a\0b\nAC\n", 8)),
            "in.fa:1: the id 'a\\x00b' holds a control character; remove it");
}

TEST(Fasta, TakesAnyBytesInTheRestOfAHeader) {
  const auto sequences = parse_fasta(std::string(">a M\xfcller\x01\0\tx\nACGT\n", 19), "in.fa");
  EXPECT_EQ(sequences.at(0).id, "a");
  EXPECT_EQ(sequences.at(0).letters, "ACGT");
}

TEST(Fasta, PassesOverCommentsAndMarksOfJoinedFiles) {
  const auto sequences = parse_fasta("; old\n>a\n;c 1\nAC\n;\nGT\n\xef\xbb\xbf>b\nA\n", "in.fa");
  ASSERT_EQ(sequences.size(), 2u);
  EXPECT_EQ(sequences[0].letters, "ACGT");
  EXPECT_EQ(sequences[1].id, "b");
}

TEST(Fasta, ReadsTheSharedOddFiles) {
  const auto data = real_data();
  if (!data) GTEST_SKIP() << "no shared data";
  const auto file = [&](const char* name) { return *data / "odd-files" / name; };
  EXPECT_EQ(read_fasta(file("nc_ids.fasta")).at(0).id, "NC_000001.1");
  EXPECT_EQ(read_fasta(file("one_short.fasta")).at(1).letters, "ACG");
  EXPECT_TRUE(
      error_of([&] { read_fasta(file("latin1_id.fa")); })
          .ends_with("latin1_id.fa:1: the id 'm\\xFC' is not UTF-8; convert the file, as by "
                     "iconv -f LATIN1 -t UTF-8 FILE"));
  EXPECT_TRUE(
      error_of([&] { read_fasta(file("empty_record.fasta")); })
          .ends_with("empty_record.fasta:3: record 'b' has no sequence; write it below this "
                     "line, or remove the record"));
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
  for (const auto& path : {folder.write("plain", out.str()), folder.write("gzip", gzip(out.str())),
                           folder.write("bgzip", bgzip(out.str()))}) {
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
