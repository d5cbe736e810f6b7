#include "datasets/embl.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/datasets/files.h"

namespace stroma {
namespace {

constexpr const char* two_entries =
    R"(ID   X56734; SV 1; circular; mRNA; STD; PLN; 25 BP.
XX
AC   X56734; S46826;
XX
DE   A made-up entry, which needs
DE   two lines.
XX
OS   Example example
OC   Eukaryota; Examples.
XX
FH   Key             Location/Qualifiers
FH
FT   source          1..25
FT                   /organism="Example example"
FT   gene            complement(join(2..4,
FT                   8..10))
FT                   /gene="rps12"
FT                   /trans_splicing
FT                   /note="the ""second"" half; /gene=""x"" is
FT                   no qualifier"
FT   CDS             join(24..25,1..4)
FT                   /codon_start=1
FT                   /translation="MK
FT                   VL"
XX
SQ   Sequence 25 BP; 7 A; 6 C; 6 G; 5 T; 1 other;
     acgtnacgta cgtacgtacg                                                    20
     tacgt                                                                    25
//
ID   SECOND     standard; DNA; FUN; 3 BP.
SV   SECOND.7
SQ   Sequence 3 BP;
     aac        3
//
)";

std::string changed(const std::string& from, const std::string& to) {
  std::string text = two_entries;
  text.replace(text.find(from), from.size(), to);
  return text;
}

std::string error_on(const std::string& text) {
  return error_of([&] { parse_embl(text, "in.embl"); });
}

TEST(Embl, ReadsEntries) {
  std::string crlf;
  for (const char* c = two_entries; *c; ++c) crlf += *c == '\n' ? "\r\n" : std::string(1, *c);
  for (const std::string& text : {std::string(two_entries), crlf}) {
    const auto records = parse_embl(text, "in.embl");
    ASSERT_EQ(records.size(), 2u);
    const Record& first = records[0];
    EXPECT_EQ(first.file, "in.embl");
    EXPECT_EQ(first.line, 1);
    EXPECT_EQ(first.id, "X56734.1");
    EXPECT_EQ(first.name, "X56734");
    EXPECT_EQ(first.accession, "X56734");
    EXPECT_EQ(first.version, "X56734.1");
    EXPECT_EQ(first.definition, "A made-up entry, which needs two lines.");
    EXPECT_EQ(first.organism, "Example example");
    EXPECT_TRUE(first.circular);
    EXPECT_FALSE(first.protein);
    EXPECT_EQ(first.letters, "ACGTNACGTACGTACGTACGTACGT");
    EXPECT_EQ(records[1].id, "SECOND.7");
    EXPECT_EQ(records[1].letters, "AAC");
    EXPECT_FALSE(records[1].circular);
  }
}

TEST(Embl, ReadsFeatures) {
  const auto features = parse_embl(two_entries, "in.embl")[0].features;
  ASSERT_EQ(features.size(), 3u);
  EXPECT_EQ(features[1].key, "gene");
  EXPECT_EQ(features[1].line, 15);
  EXPECT_EQ(features[1].location, "complement(join(2..4,8..10))");
  EXPECT_EQ(*features[1].find("gene"), "rps12");
  EXPECT_EQ(*features[1].find("trans_splicing"), "");
  EXPECT_EQ(*features[1].find("note"), "the \"second\" half; /gene=\"x\" is no qualifier");
  EXPECT_EQ(*features[2].find("translation"), "MKVL");
  EXPECT_EQ(*features[2].find("codon_start"), "1");
}

TEST(Embl, ReadsIdLinesOfAllTimes) {
  const auto read = [](const std::string& id) {
    return parse_embl("ID   " + id + "\nSQ   Sequence\n     acgtacgt  8\n//\n", "in.embl").at(0);
  };
  EXPECT_EQ(read("X56734; SV 1; linear; mRNA; STD; PLN; 8 BP.").id, "X56734.1");
  EXPECT_EQ(read("AA03518    standard; DNA; FUN; 8 BP.").id, "AA03518");
  EXPECT_TRUE(read("SC10H5     standard; circular DNA; PRO; 8 BP.").circular);
  EXPECT_EQ(read("chr1; ; ; ; ; ; 8 BP.").id, "chr1");
  EXPECT_EQ(read("plain").id, "plain");
  EXPECT_EQ(read("NRN_AX000635; DNA; NR1; 15 SQ").id, "NRN_AX000635");
  const Record protein = read("AACC1_PSEAE             Reviewed;         8 AA.");
  EXPECT_TRUE(protein.protein);
  EXPECT_EQ(protein.id, "AACC1_PSEAE");
}

TEST(Embl, SaysWhatIsWrong) {
  EXPECT_EQ(error_on(""), "in.embl: the file is empty");
  EXPECT_EQ(error_on("\n"), "in.embl: the file holds no entry");
  EXPECT_EQ(error_on("LOCUS\n"),
            "in.embl:1: not an EMBL file (its first line does not start with 'ID')");
  EXPECT_EQ(error_on("ID\n//\n"), "in.embl:1: the ID line gives no name");
  EXPECT_EQ(error_on(changed("     tacgt  ", "     tacg   ")),
            "in.embl:29: the entry 'X56734' holds 24 BP where its ID line says 25; the file is "
            "damaged, download it again");
  EXPECT_EQ(error_on(changed("     tacgt  ", "     ta?gt  ")),
            "in.embl:28: the character '?' in the sequence");
  EXPECT_EQ(
      error_on("ID   X; SV 1; linear; DNA; CON; PLN; 8 BP.\nCO   join(A.1:1..8)\n//\n"),
      "in.embl:3: the entry 'X' holds no sequence, only CO lines that point to other entries; "
      "download it in full (ENA: EMBL format, expanded)");
  EXPECT_EQ(error_on("ID   X; SV 1; linear; DNA; SET; PLN; 8 SQ.\nWGS  A1-A8\n//\n"),
            "in.embl:3: the entry 'X' is a master record of a WGS, TSA or TLS project: it names "
            "contigs and holds no sequence itself; download its contigs");
  EXPECT_EQ(error_on("ID   X; SV 1; linear; DNA; STD; PLN; 0 BP.\n//\n"),
            "in.embl:2: the entry 'X' holds no sequence (SQ); download it in full (ENA: EMBL "
            "format, expanded)");
}

TEST(Embl, NoticesAFileCutAfterAnyLine) {
  const std::string text = two_entries;
  const size_t first_end = text.find("//\nID");
  int64_t line = 0;
  for (size_t end = text.find('\n'); end < first_end; end = text.find('\n', end + 1)) {
    const std::string error = error_on(text.substr(0, end + 1));
    EXPECT_TRUE(error.starts_with(fmt::format("in.embl:{}: ", ++line))) << error;
    EXPECT_NE(error.find("cut short"), std::string::npos) << error;
  }
}

TEST(Embl, OneOddFeatureDoesNotBlockTheOthers) {
  const auto features =
      parse_embl(changed("no qualifier\"", "no qualifier"), "in.embl")[0].features;
  ASSERT_EQ(features.size(), 3u);
  EXPECT_EQ(features[1].problem, "the quote of /note in line 19 never closes");
  EXPECT_EQ(features[2].problem, "");
}

}  // namespace
}  // namespace stroma
