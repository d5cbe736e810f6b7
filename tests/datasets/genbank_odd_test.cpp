// GenBank files as editors, old releases and careless scripts write them.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "datasets/alphabet.h"
#include "datasets/genbank.h"
#include "tests/datasets/files.h"

namespace stroma {
namespace {

constexpr const char* origin = "ORIGIN\n        1 acgtacgtac gt\n//\n";

Record read_one(const std::string& text) {
  const auto records = parse_genbank(text, "in.gb");
  EXPECT_EQ(records.size(), 1u);
  return records.at(0);
}

std::string error_on(const std::string& text) {
  return error_of([&] { parse_genbank(text, "in.gb"); });
}

Record with_locus(const std::string& locus) { return read_one(locus + "\n" + origin); }

/// A record of 12 bp with a table of features.
Record with_features(const std::string& features) {
  return read_one("LOCUS       X 12 bp\nFEATURES             Location/Qualifiers\n" + features +
                  origin);
}

TEST(GenBankOdd, ReadsTheLocusLinesOfOtherPrograms) {
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

TEST(GenBankOdd, SplitsANameThatRunsIntoItsLength) {
  EXPECT_EQ(with_locus("LOCUS       NODE_1_length_12_cov_3.412 bp DNA").id,
            "NODE_1_length_12_cov_3.4");
  EXPECT_EQ(
      error_on(std::string("LOCUS       NODE_1_cov_3.413 bp DNA\n") + origin),
      "in.gb:1: the LOCUS line runs name and length together ('NODE_1_cov_3.413') and the "
      "sequence has 12 bp; put a space between name and length; write it as 'LOCUS       NAME  "
      " 1234 bp    DNA     linear'");
}

TEST(GenBankOdd, TakesTheNameWhereTheVersionIsMissing) {
  for (const char* version : {"", "VERSION     .\n", "VERSION\n"}) {
    EXPECT_EQ(read_one(fmt::format("LOCUS X 12 bp\n{}{}", version, origin)).id, "X");
  }
  EXPECT_EQ(read_one(std::string("LOCUS X 12 bp\nVERSION     X.2\n") + origin).id, "X.2");
  EXPECT_EQ(with_locus("LOCUS . 12 bp").id, "unnamed");
}

TEST(GenBankOdd, TellsRecordsOfOneIdApart) {
  std::string text;
  for (const char* id : {"A.1", "A.1#2", "A.1", "A.1", "B.1"}) {
    text += fmt::format("LOCUS X 12 bp\nVERSION     {}\n{}", id, origin);
  }
  std::vector<std::string> ids;
  for (const Record& record : parse_genbank(text, "in.gb")) ids.push_back(record.id);
  EXPECT_EQ(ids, (std::vector<std::string>{"A.1", "A.1#2", "A.1#3", "A.1#4", "B.1"}));
}

TEST(GenBankOdd, RefusesAnIdThatCanBeNoName) {
  const std::string error = error_on(std::string("LOCUS       M\xfcller 12 bp\n") + origin);
  EXPECT_TRUE(error.starts_with("in.gb:1: the record's id")) << error;
  const Record record =
      read_one(std::string("LOCUS       X 12 bp\nREFERENCE   1\n  AUTHORS   M\xfcller\n") + origin);
  EXPECT_EQ(record.id, "X");
}

TEST(GenBankOdd, ReadsNumbersOfSequenceLinesInAnyColumn) {
  for (const char* lines :
       {" 99999961 acgtac\n100000021 gtacgt\n", "1 acgtac\n7 gtacgt\n", "acgtac\ngtacgt\n",
        "\tacgtac\n\n\tgtacgt\n", "1acgtac gtacgt\n", "     acgtacgtac gt     12\n"}) {
    EXPECT_EQ(read_one(fmt::format("LOCUS X 12 bp\nORIGIN      text\n{}//\n", lines)).letters,
              "ACGTACGTACGT");
  }
}

TEST(GenBankOdd, HasOneKindOfLetterOnBothStrands) {
  const Record record = read_one("LOCUS X 6 bp RNA\nORIGIN\n 1 acguuT\n//\n");
  EXPECT_EQ(record.letters, "ACGTTT");
  EXPECT_EQ(
      letters_at(parse_location("complement(1..6)", {.length = 6, .where = "x"}), record.letters),
      "AAACGT");
}

TEST(GenBankOdd, ReadsProteins) {
  const Record record = read_one(
      "LOCUS       TEST1       5 aa            linear   BCT\nFEATURES\n     Protein         1..5\n"
      "     Bond            bond(2,4)\n     Site            order(1..2,4)\nORIGIN\n        1 "
      "mkuxv\n//\n");
  EXPECT_TRUE(record.protein);
  EXPECT_EQ(record.letters, "MKUXV");
  EXPECT_EQ(record.features.size(), 3u);
}

TEST(GenBankOdd, SkipsWhatStandsBeforeTheFirstRecord) {
  const std::string release =
      "GBSMP3.SEQ          Genetic Sequence Data Bank\n   1 loci, 12 bases\n\n";
  const std::string record = std::string("LOCUS       X 12 bp\n") + origin;
  EXPECT_EQ(parse_genbank(release + record + release + record, "in.gb").size(), 2u);
  EXPECT_EQ(parse_genbank(release + record, "in.gb")[0].line, 4);
}

TEST(GenBankOdd, OneOddFeatureDoesNotBlockTheOthers) {
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

TEST(GenBankOdd, AQuoteThatNeverClosesEndsAtTheNextSection) {
  const Record record =
      with_features("     gene            2..4\n                     /note=\"a\n");
  EXPECT_EQ(record.features.size(), 1u);
  EXPECT_EQ(record.letters, "ACGTACGTACGT");
}

TEST(GenBankOdd, ReadsFeaturesInLooseLayouts) {
  const std::vector<std::string> tables = {
      "     gene            join(1..2, 4..5,\n\n                     7..8)\n                     "
      "/gene=\"a\"\n\n"
      "                     /note=\"more\n\n                     text\"\n",
      "\tgene\tjoin(1..2,4..5,7..8)\n\t\t/gene=\"a\"\n\t\t/note=\"more\n\t\ttext\"\n",
      "  gene  join(1..2,4..5,7..8)\n           /gene=\"a\"\n           /note=\"more\n           "
      "text\"\n",
      "     gene            join(1..2,4..5,7..8) /gene=\"a\"\n                     "
      "/note=\"more\ntext\"\n",
      "     gene            join(1..2,4..5,7..8)\n                     /gene = \"a\"\n"
      "                     /note=more\n                     text\n",
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

TEST(GenBankOdd, ASlashAloneIsAFlagWithoutAName) {
  const Record record = with_features("     gene            2..4\n                     /\n");
  ASSERT_EQ(record.features[0].qualifiers.size(), 1u);
  EXPECT_EQ(record.features[0].qualifiers[0].value, "");
}

TEST(GenBankOdd, ALineOfANoteMayBeginWithASlash) {
  const Record record = with_features(
      "     gene            2..4\n                     /note=\"this\n                     "
      "/that=other\"\n");
  EXPECT_EQ(*record.features[0].find("note"), "this /that=other");
  EXPECT_EQ(record.features[0].problem, "");
}

TEST(GenBankOdd, NamesMasterRecords) {
  const char* const problem =
      "the record 'X' is a master record of a WGS, TSA or TLS project: it names contigs and holds "
      "no "
      "sequence itself; download its contigs";
  for (const char* line : {"WGS         AB01000001-AB01000002", "WGS_SCAFLD  KB1-KB2",
                           "TSA         GA1-GA2", "TLS         KA1-KA2"}) {
    EXPECT_EQ(error_on(fmt::format("LOCUS       X 12 bp\n{}\n//\n", line)),
              std::string("in.gb:3: ") + problem);
  }
  EXPECT_EQ(error_on("LOCUS       X 2 rc    DNA\n//\n"), std::string("in.gb:2: ") + problem);
}

}  // namespace
}  // namespace stroma
