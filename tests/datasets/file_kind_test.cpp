#include "datasets/file_kind.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace stroma {
namespace {

using testing::StartsWith;

using namespace std::string_literals;

/// A text and how what is said of it begins.
using Kinds = std::vector<std::pair<std::string, std::string>>;

TEST(FileKind, NamesBytesThatAreNoText) {
  const std::string tar = "genome.fa" + std::string(248, '\0') + "ustar\0"s + std::string(249, '0');
  const Kinds kinds = {
      {"PK\3\4\x14\0\0\0\x08\0"s, "this is a zip archive; unpack it first: unzip FILE"},
      {"PK\3\4\x14\0\6\0\x08\0\0\0!\0[Content_Types].xml"s, "this is an Office document; "},
      {"7z\xbc\xaf\x27\x1c\0\4"s, "this is a 7z archive; "},
      {"Rar!\x1a\x07\1\0"s, "this is a rar archive; "},
      {tar, "this is a tar archive; unpack it first: tar xf FILE"},
      {"\x1f\x9d\x90", "this is a file of compress (.Z); unpack it first: gzip -d FILE"},
      {"LZIP\1\x0c"s, "this is an lzip file; "},
      {"BAM\1\x90\0"s, "this is BAM (aligned reads); make FASTA of it: samtools fasta FILE"},
      {"CRAM\3\0"s, "this is CRAM"},
      {"BCF\2\2"s, "this is BCF"},
      {"NCBI.sra\5\3\x19\x88"s, "this is an archive of reads (SRA); "},
      {"\x43\x27\x41\x1a\0\0"s, "this is 2bit; "},
      {"\x09\0\0\0\x0eSnapGene\0\1"s, "this is a file of SnapGene's own; export it"},
      {"\x89HDF\r\n\x1a\n\0"s, "this is HDF5; "},
      {"%PDF-1.7\n", "this is a PDF; "},
      {"{\\rtf1\\ansi", "this is a word processor's file (RTF); save it as plain text"},
      {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "this is an Office document; "},
      {"\xff\xfe>\0a\0\n\0"s, "this is UTF-16 text; convert it: iconv -f UTF-16 -t UTF-8 FILE"},
      {"\xfe\xff\0>\0a"s, "this is UTF-16 text; convert it: iconv -f UTF-16 -t UTF-8 FILE"},
      {">\0a\0\n\0A\0C\0"s, "this is UTF-16 text; convert it: iconv -f UTF-16LE -t UTF-8 FILE"},
      {"\0>\0a\0\n\0A\0C"s, "this is UTF-16 text; convert it: iconv -f UTF-16BE -t UTF-8 FILE"},
      {"\xff\xfe\0\0>\0\0\0"s, "this is UTF-32 text; "},
  };
  for (const auto& [bytes, says] : kinds) {
    EXPECT_THAT(binary_kind(bytes).value_or("nothing"), StartsWith(says));
  }
}

TEST(FileKind, LeavesTextToItsReaders) {
  for (const std::string& text :
       {""s, "\n"s, ">a\nACGT\n"s, "LOCUS       X"s, "CRAM, a\n"s, "LZIP\n"s, "ABIF, x\n"s,
        "NCBI.sra, a\n"s, std::string(257, 'a') + "ustar", ">m\xfc\nAC\n"s, ">a\0b\nACGT\n"s,
        "\xef\xbb\xbf>a\nAC\n"s}) {
    EXPECT_FALSE(binary_kind(text).has_value()) << text;
  }
}

TEST(FileKind, NamesTextOfOtherFormats) {
  const Kinds kinds = {
      {"@r1 1\nACGT\n+\nIIII\n", "this is FASTQ (reads with qualities); make FASTA of it: sed -n"},
      {"@HD\tVN:1.6\n@SQ\tSN:x\tLN:9\n", "this is SAM (aligned reads); "},
      {"r1\t0\tx\t7\t60\t4M\t*\t0\t0\tACGT\tIIII\n", "this is SAM (aligned reads); "},
      {"##fileformat=VCFv4.2\n", "this is VCF (variants); "},
      {"chr1\t100\t200\tpsbA\n", "this is BED"},
      {"track name=x\nchr1\t1\t2\n", "this is BED"},
      {"CLUSTAL O(1.2.4) multiple sequence alignment\n", "this is a Clustal alignment; "},
      {"#NEXUS\nbegin data;\n", "this is NEXUS; "},
      {" 5 42\nTurkey    AAGCTNGGGC\n", "this is a PHYLIP alignment; save its sequences as FASTA"},
      {"(a:1,(b:2,c:3));\n", "this is a tree (Newick)"},
      {"HEADER    PLANT PROTEIN   30-APR-81   1CRN\n", "this is a structure (PDB); "},
      {"data_1CRN\n#\n_entry.id 1CRN\n", "this is a structure (mmCIF); "},
      {"BLASTN 2.14.0+\n", "this is a report of BLAST; "},
      {"Seq-entry ::= set {\n", "this is ASN.1; "},
      {"version https://git-lfs.github.com/spec/v1\n", "this is a pointer of git-lfs"},
      {"<!DOCTYPE html>\n<html>", "this is a web page"},
      {"<HTML><head>", "this is a web page"},
      {"<?xml version=\"1.0\"?>\n<!DOCTYPE GBSet>\n<GBSet>", "this is NCBI's XML; download it"},
      {"<?xml version=\"1.0\"?>\n<a/>", "this is XML; "},
      {"{\"sequences\": []}", "this is JSON; "},
      {"{\"code\": \"error\",\n\"a\": 1}", "this is JSON; "},
      {"{\"a\": \"" + std::string(256, 'A') + "\", \"error\": 0}", "this is JSON; "},
  };
  for (const auto& [text, says] : kinds) {
    for (const std::string before : {"", "\n \r\n"}) {
      EXPECT_THAT(foreign_kind(before + text).value_or("nothing"), StartsWith(says)) << text;
    }
  }
}

TEST(FileKind, QuotesAnErrorMessageThatCameInThePlaceOfAFile) {
  EXPECT_EQ(foreign_kind("{\"error\":\"API rate limit exceeded\",\"count\":\"4\"}\n"),
            "this is an error message: {\"error\":\"API rate limit exceeded\",\"count\":\"4\"}; "
            "download the file again");
  EXPECT_EQ(foreign_kind("{\n  \"error\" : \"not found\"\n}\n"),
            "this is an error message: \"error\" : \"not found\"; download the file again");
  EXPECT_EQ(
      foreign_kind("<?xml version=\"1.0\"?>\n<eFetchResult>\n\t<ERROR>Empty id\nlist</ERROR>\n"),
      "this is an error message: Empty id\\x0Alist; download the file again");
  for (const std::string text :
       {"Error: CEFetchPApplication::proxy_stream(): Failed", "404: Not Found",
        "Supplied id parameter is empty.", "ERROR 12 Nothing has been found",
        "Failed to retrieve sequence: NC_000000"}) {
    EXPECT_EQ(foreign_kind(text),
              "this is an error message: " + text + "; download the file again");
  }
}

TEST(FileKind, NeverTakesItsOwnFormatsForOthers) {
  for (const std::string text :
       {"", "\n\n", "LOCUS       X 60 bp DNA\nCOMMENT     Genetic Sequence Data Bank <GBSet ::= \n",
        ">a \"error\" <ERROR>\nACGT\n", "\n; a comment\n>a\nACGT\n",
        "ID   X56734; SV 1; linear; mRNA; STD; PLN; 1859 BP.\n", "hello\nworld\n", "A,B,C,D\n",
        "ID   AB000001   standard; DNA; PLN; 100 BP.\nXX\nDE   Reviewed; \"PRT;\n", "AC\ta\n",
        "GBPLN1.SEQ          Genetic Sequence Data Bank\n", "ACGT;a\n", "ACGT\n"}) {
    EXPECT_FALSE(foreign_kind(text).has_value()) << text << foreign_kind(text).value_or("");
  }
}

TEST(FileKind, NeverFiresOnACsvThatCanBeRead) {
  // The names of the kinds, as sequences: letters are all that a sequence has.
  for (std::string word :
       {"CLUSTAL", "ERROR", "NEXUS", "PileUp", "BLASTN", "LOCUS", "HEADER", "ATOM", "track", "CRAM",
        "cannot", "ID", "error", "data", "GB", "Not-found"}) {
    for (const std::string end :
         {"", ",a", " , a b", ", \"1\t2\"", ", 404: x ::= <ERROR> \"error\""}) {
      for (const std::string& text : {word + end, "\"" + word + "\"" + end, " \n\t" + word + end}) {
        EXPECT_FALSE(foreign_kind(text).has_value()) << text;
      }
    }
  }
}

}  // namespace
}  // namespace stroma
