#include "datasets/translate.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "datasets/genbank.h"
#include "tests/datasets/files.h"

namespace stroma {
namespace {

/// The CDS of a record of `bases` at `location`.
CdsTranslation translated(const std::string& bases, const std::string& location,
                          const std::vector<Qualifier>& qualifiers = {}, bool circular = false) {
  const Feature cds = {.key = "CDS", .location = location, .qualifiers = qualifiers, .line = 7};
  Record record;
  record.file = "in.gb";
  record.circular = circular;
  record.letters = bases;
  return translate_cds(record, cds);
}

std::string protein(const std::string& bases, const std::string& location,
                    const std::vector<Qualifier>& qualifiers = {}, bool circular = false) {
  return translated(bases, location, qualifiers, circular).amino_acids;
}

std::string refusal(const std::string& bases, const std::string& location,
                    const std::vector<Qualifier>& qualifiers = {}) {
  return error_of([&] { translated(bases, location, qualifiers); });
}

TEST(TranslateCds, FollowsTheLocationOnEitherStrandOverExonsAndTheOrigin) {
  EXPECT_EQ(protein("CCATGAAATAACC", "3..11"), "MK");
  EXPECT_EQ(protein("GGTTATTTCATGG", "complement(3..11)"), "MK");
  EXPECT_EQ(protein("ATGACCCCAATAA", "join(1..4,9..13)"), "MK");
  EXPECT_EQ(protein("TTATTGGGGTCAT", "complement(join(1..5,10..13))"), "MK");
  EXPECT_EQ(protein("AATAACCCATGA", "9..6", {}, true), "MK");
  // Trans-spliced: the first exon on the other strand.
  EXPECT_EQ(protein("CATCCCAAATAA", "join(complement(1..3),7..12)"), "MK");
}

TEST(TranslateCds, ReadsABaseTwiceWhereTheRibosomeSlipsBack) {
  EXPECT_EQ(protein("ATGAAACCCGGGTAA", "join(1..6,6..15)"), protein("ATGAAAACCCGGGTAA", "1..16"));
  EXPECT_EQ(protein("ATGAAATCCCTAA", "join(1..6,8..13)"), "MKP");
}

TEST(TranslateCds, TakesTheCodeThatIsNamed) {
  EXPECT_EQ(protein("ATGTGATAA", "1..9", {{"transl_table", "4"}}), "MW");
  EXPECT_EQ(protein("ATGTGATAA", "1..9", {{"transl_table", " 2 "}}), "MW");
  EXPECT_EQ(protein("ATGCTGTAA", "1..9", {{"transl_table", "12"}}), "MS");
  EXPECT_EQ(refusal("ATGTGATAA", "1..9"),
            "in.gb:7: its codon 2 of 3 is the stop TGA in genetic code 1 (/transl_table)");
}

TEST(TranslateCds, StopsAtTheEndWhereTheCodonIsAnAminoAcidBeforeIt) {
  EXPECT_EQ(protein("ATGTAATAA", "1..9", {{"transl_table", "28"}}), "MQ");
  EXPECT_EQ(protein("ATGTAATAA", "1..>9", {{"transl_table", "28"}}), "MQQ");
}

TEST(TranslateCds, BeginsWithMAtACompleteEndOnly) {
  EXPECT_EQ(protein("TTGAAATAA", "1..9", {{"transl_table", "11"}}), "MK");
  EXPECT_EQ(protein("TTGAAATAA", "<1..9", {{"transl_table", "11"}}), "LK");
  EXPECT_EQ(protein("TTGAAATAA", "1..>9", {{"transl_table", "11"}}), "MK");
  EXPECT_EQ(protein("TTATTTCAA", "complement(1..>9)", {{"transl_table", "11"}}), "LK");
  EXPECT_EQ(protein("TTATTTCAA", "complement(<1..9)", {{"transl_table", "11"}}), "MK");
  EXPECT_EQ(protein("ATTGAAATAA", "1..10", {{"transl_table", "11"}, {"codon_start", "2"}}), "LK");
  EXPECT_EQ(protein("GTAAAATAA", "1..9", {{"transl_table", "11"}}), "VK");
}

TEST(TranslateCds, BeginsAtTheCodonThatCodonStartNames) {
  EXPECT_EQ(protein("ATGAAATAA", "<1..9", {{"codon_start", "1"}}), "MK");
  EXPECT_EQ(protein("CATGAAATAA", "<1..10", {{"codon_start", "2"}}), "MK");
  EXPECT_EQ(protein("TTATTTCATCC", "complement(1..>11)", {{"codon_start", "3"}}), "MK");
}

TEST(TranslateCds, TakesExceptionsAsTheyAreNamed) {
  const auto with = [](const std::string& exception) {
    return protein("CCATGTGAGGGTAACC", "3..14", {{"transl_except", exception}});
  };
  EXPECT_EQ(with("(pos:6..8,aa:Sec)"), "MUG");
  EXPECT_EQ(with("(pos:6..8, aa:pyl)"), "MOG");
  EXPECT_EQ(with("(pos:6..8,aa:OTHER)"), "MXG");
  EXPECT_EQ(
      protein("CCATGTGAGGGTAACC", "3..14",
              {{"transl_except", "(pos:6..8,aa:Trp)"}, {"transl_except", "(pos:3..5,aa:Val)"}}),
      "VWG");
}

TEST(TranslateCds, FindsTheCodonOfAnExceptionOnBothStrandsAndOverExons) {
  for (const char* position : {"complement(9..11)", "9..11"}) {
    EXPECT_EQ(protein("GGTTACCCTCACATGG", "complement(3..14)",
                      {{"transl_except", fmt::format("(pos:{},aa:Sec)", position)}}),
              "MUG");
  }
  EXPECT_EQ(
      protein("ATGTGCCCATAA", "join(1..5,9..12)", {{"transl_except", "(pos:join(4..5,9),aa:Trp)"}}),
      "MW");
  EXPECT_EQ(protein("GATGTGATAA", "<1..10",
                    {{"codon_start", "2"}, {"transl_except", "(pos:5..7,aa:Trp)"}}),
            "MW");
}

TEST(TranslateCds, EndsInAStopThatTheCellCompletes) {
  for (const char* bases : {"ATGAAAT", "ATGAAATA"}) {
    const size_t size = std::string_view(bases).size();
    const CdsTranslation made =
        translated(bases, fmt::format("1..{}", size),
                   {{"transl_except", fmt::format("(pos:7{},aa:TERM)", size == 8 ? "..8" : "")}});
    EXPECT_EQ(made.amino_acids, "MK");
    EXPECT_EQ(made.doubt, "");
  }
  EXPECT_EQ(protein("ATGAAACAG", "1..9", {{"transl_except", "(pos:7..9,aa:TERM)"}}), "MK");
}

TEST(TranslateCds, ReadsAmbiguousCodonsAndRna) {
  EXPECT_EQ(protein("ATGGGNRAYSARYTRNNN", "1..18"), "MGBZLX");
  EXPECT_EQ(protein("AUGUUUUAA", "1..9"), "MF");
}

TEST(TranslateCds, DropsAnUnfinishedCodonAndSaysSoAtACompleteEnd) {
  EXPECT_EQ(translated("ATGAAACC", "1..8").amino_acids, "MK");
  EXPECT_EQ(translated("ATGAAACC", "1..8").doubt, "the last 2 of its bases are no whole codon");
  EXPECT_EQ(translated("ATGAAAC", "1..7").doubt, "the last 1 of its bases is no whole codon");
  EXPECT_EQ(translated("ATGAAACC", "1..>8").doubt, "");
}

TEST(TranslateCds, DoubtsWhatTheBasesAloneDoNotGive) {
  const auto doubt = [](const char* exception) {
    return translated("ATGAAATAA", "1..9", {{"exception", exception}}).doubt;
  };
  EXPECT_EQ(doubt("RNA editing"),
            "/exception=\"RNA editing\" says that its bases alone do not give it");
  EXPECT_EQ(doubt("ribosomal slippage"), "");
  EXPECT_EQ(doubt("trans-splicing"), "");
}

TEST(TranslateCds, RefusesWrongValuesByName) {
  const auto refused = [](const char* key, const char* value) {
    return refusal("ATGTGATAA", "1..9", {{key, value}});
  };
  EXPECT_EQ(refused("transl_table", "99"),
            "in.gb:7: /transl_table=99 is none of NCBI's genetic codes (1-6, 9-16, 21-33)");
  EXPECT_EQ(refused("transl_table", "x"), "in.gb:7: /transl_table=x is no number");
  EXPECT_EQ(refused("transl_table", ""), "in.gb:7: /transl_table= is no number");
  EXPECT_EQ(refused("codon_start", "7"), "in.gb:7: /codon_start=7 is none of 1, 2, 3");
  EXPECT_EQ(refused("codon_start", "0"), "in.gb:7: /codon_start=0 is none of 1, 2, 3");
  EXPECT_EQ(refused("transl_except", "Sec"),
            "in.gb:7: /transl_except=Sec is not of the form (pos:10..12,aa:Sec)");
  EXPECT_EQ(refused("transl_except", "(pos:999999..1000001,aa:Foo)"),
            "in.gb:7: /transl_except=(pos:999999..1000001,aa:Foo) names the amino acid 'Foo', "
            "which there is not");
  EXPECT_EQ(refused("transl_except", "(pos:999999..1000001,aa:Sec)"),
            "in.gb:7: the feature at '999999..1000001' reaches base 1000001, outside its record "
            "of 9 bp");
  for (const char* value : {"(pos:5..7,aa:Sec)", "(pos:4..9,aa:Sec)", "(pos:4..5,aa:TERM)",
                            "(pos:J0.1:1..99999999999999,aa:Sec)"}) {
    EXPECT_EQ(refused("transl_except", value),
              fmt::format("in.gb:7: /transl_except={} names no codon of it", value));
  }
  EXPECT_EQ(refusal("ATGAAAT", "1..7", {{"transl_except", "(pos:7,aa:Sec)"}}),
            "in.gb:7: /transl_except=(pos:7,aa:Sec) names an amino acid for a part of a codon");
}

TEST(TranslateCds, RefusesWhatGivesNoProtein) {
  EXPECT_EQ(refusal("ATGAAATAA", "join(1..3,J0.1:4..9)"),
            "in.gb:7: a part of it lies in another record");
  EXPECT_EQ(refusal("ATGAAATAA", "1..2"), "in.gb:7: it has no whole codon");
  EXPECT_EQ(refusal("ATGAAATAA", "<1..4", {{"codon_start", "3"}}),
            "in.gb:7: it has no whole codon");
  EXPECT_EQ(refusal("ATGAAATAA", "<1..1", {{"codon_start", "3"}}),
            "in.gb:7: it has no whole codon");
  EXPECT_EQ(refusal("ATGAAATAA", "7..9"), "in.gb:7: it is a stop codon alone");
  EXPECT_EQ(
      refusal("ATGAAATAA", "one-of(1,2)..9"),
      "in.gb:7: the location 'one-of(1,2)..9' cannot be read (one-of(), which is not supported, "
      "at character 1)");
}

/// Genes of a plastome whose /translation is not what its bases give, each with the /exception that
/// says so.
struct Plastome {
  const char* accession;
  int64_t proteins;
  std::vector<std::string> different;
};

class RealPlastomeCds : public testing::TestWithParam<Plastome> {};

TEST_P(RealPlastomeCds, GivesTheTranslationOfTheFileOrSaysWhyNot) {
  const auto data = real_data();
  if (!data) GTEST_SKIP() << "no real data: set STROMA_DATA to its folder";
  const auto records =
      read_genbank(*data / "plastomes" / fmt::format("{}.gb", GetParam().accession));
  int64_t proteins = 0;
  std::vector<std::string> different;
  for (const Feature& cds : records.front().features) {
    const std::string* given = cds.find("translation");
    if (cds.key != "CDS" || !given) continue;
    ++proteins;
    const CdsTranslation made = translate_cds(records.front(), cds);
    if (made.amino_acids == *given) continue;
    const std::string* exception = cds.find("exception");
    different.push_back(*cds.find("gene") + ": " + (exception ? *exception : "no reason"));
    EXPECT_NE(made.doubt, "") << different.back();
  }
  EXPECT_EQ(proteins, GetParam().proteins);
  EXPECT_EQ(different, GetParam().different);
}

INSTANTIATE_TEST_SUITE_P(Plastomes, RealPlastomeCds,
                         testing::Values(Plastome{"NC_005353.1", 69, {}},
                                         Plastome{"NC_000932.1", 85, {"ndhD: RNA editing"}},
                                         Plastome{"NC_001666.2", 111, {}},
                                         Plastome{"NC_001320.1", 106, {}}),
                         [](const auto& plastome) {
                           return std::string(plastome.param.accession).substr(0, 9);
                         });

}  // namespace
}  // namespace stroma
