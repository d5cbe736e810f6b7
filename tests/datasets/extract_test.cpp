#include "datasets/extract.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>

#include "datasets/alphabet.h"
#include "datasets/fasta.h"
#include "datasets/genbank.h"
#include "tests/datasets/files.h"

namespace stroma {
namespace {

constexpr const char* bases = "ACGTTGCAAGCTGGATCCAT";  // 20 bp

/// A record of bases with features of the form "key location /qualifier /qualifier".
Record record_of(bool circular, const std::vector<std::string>& features) {
  std::string text =
      fmt::format("LOCUS       X 20 bp DNA {}\nFEATURES\n", circular ? "circular" : "linear");
  for (const std::string& feature : features) {
    std::string line = "     ";
    for (const char c : feature) line += c == '/' ? "\n           /" : std::string(1, c);
    text += line + "\n";
  }
  text += fmt::format("ORIGIN\n 1 {}\n//\n", bases);
  return parse_genbank(text, "in.gb").front();
}

std::vector<std::pair<std::string, std::string>> pairs(const std::vector<Sequence>& sequences) {
  std::vector<std::pair<std::string, std::string>> result;
  for (const Sequence& sequence : sequences) result.emplace_back(sequence.id, sequence.letters);
  return result;
}

using Pairs = std::vector<std::pair<std::string, std::string>>;

std::vector<Sequence> upstream(const Record& record, int64_t length,
                               Unique unique = Unique::sequence) {
  return extract_upstream({&record, 1}, {.length = length, .unique = unique}).sequences;
}

TEST(ExtractUpstream, TakesTheBasesBeforeTheStartOnTheStrandOfTheGene) {
  const auto record =
      record_of(false, {"gene 5..8/gene=\"f\"", "gene complement(5..8)/gene=\"r\""});
  EXPECT_EQ(pairs(upstream(record, 4)), (Pairs{{"f", "ACGT"}, {"r", "AGCT"}}));
}

// 20,000 CDS of one /product took a minute.
TEST(ExtractUpstream, NumbersManyFeaturesOfOneNameInNoTime) {
  constexpr int64_t count = 100000;
  Record record = record_of(false, {});
  std::mt19937 random(1);
  while (std::ssize(record.letters) < count + 20) record.letters += "ACGT"[random() % 4];
  for (int64_t i = 20; i < count + 20; ++i) {
    record.features.push_back(
        {.key = "gene", .location = std::to_string(i + 1), .qualifiers = {{"gene", "a"}}});
  }
  EXPECT_EQ(upstream(record, 20).back().id, "a.100000");
}

TEST(ExtractUpstream, RunsOverTheOriginOfACircularRecord) {
  const auto record = record_of(true, {"gene 3..8/gene=\"f\"", "gene complement(5..18)/gene=\"r\"",
                                       "gene 19..2/gene=\"o\"", "gene 1..3/gene=\"first\""});
  EXPECT_EQ(pairs(upstream(record, 4)),
            (Pairs{{"f", "ATAC"}, {"r", "GTAT"}, {"o", "ATCC"}, {"first", "CCAT"}}));
  EXPECT_EQ(upstream(record, 20)[0].letters, "GTTGCAAGCTGGATCCATAC");
  EXPECT_EQ(error_of([&] { upstream(record, 21); }),
            "in.gb: none of its 4 gene features can be used: 4 with fewer than 21 bases before "
            "their starts, the first 'f' in line 3 (there are at most 20, which extract takes as "
            "--length, train and augment windows as --upstream-length)");
}

TEST(ExtractUpstream, StartsASplicedGeneAtItsFirstExonInBiologicalOrder) {
  const auto record =
      record_of(false, {"gene complement(join(1..2,11..12))/gene=\"a\"",
                        "gene join(complement(15..16),2..3)/trans_splicing/gene=\"b\"",
                        "gene join(8..9,5..6)/gene=\"c\""});
  EXPECT_EQ(pairs(upstream(record, 4)), (Pairs{{"a", "ATCC"}, {"b", "ATGG"}, {"c", "TTGC"}}));
}

TEST(ExtractUpstream, LeavesOutAndCountsWhatHasNoUpstream) {
  const auto record = record_of(
      false, {"gene 3..8/gene=\"near\"", "gene complement(5..18)/gene=\"near\"",
              "gene 5..8/gene=\"kept\"", "gene 6..8/note=\"x\"", "gene J0.1:9..10/gene=\"remote\"",
              "gene join(7..8,J0.1:9..10)/gene=\"partly\""});
  const Extraction result = extract_upstream({&record, 1}, {.length = 4});
  EXPECT_EQ(pairs(result.sequences), (Pairs{{"kept", "ACGT"}, {"partly", "GTTG"}}));
  EXPECT_EQ(result.too_near, 2);
  EXPECT_EQ(result.unnamed, 1);
  EXPECT_EQ(result.elsewhere, 1);
  EXPECT_EQ(result.repeated, 0);
}

TEST(ExtractUpstream, KeepsOneGeneForEachSequenceNameOrAll) {
  const auto record = record_of(
      false, {"gene 5..8/gene=\"a\"", "gene 6..8/gene=\"a\"", "gene 5..9/gene=\"b\"",
              "gene 7..8/gene=\"a.2\"", "gene 8..8/gene=\"a\"", "gene 9..9/locus_tag=\"t 1\""});
  EXPECT_EQ(
      pairs(upstream(record, 4)),
      (Pairs{{"a", "ACGT"}, {"a.2", "CGTT"}, {"a.2.2", "GTTG"}, {"a.3", "TTGC"}, {"t-1", "TGCA"}}));
  EXPECT_EQ(pairs(upstream(record, 4, Unique::name)),
            (Pairs{{"a", "ACGT"}, {"b", "ACGT"}, {"a.2", "GTTG"}, {"t-1", "TGCA"}}));
  EXPECT_EQ(pairs(upstream(record, 4, Unique::none)), (Pairs{{"a", "ACGT"},
                                                             {"a", "CGTT"},
                                                             {"b", "ACGT"},
                                                             {"a.2", "GTTG"},
                                                             {"a", "TTGC"},
                                                             {"t-1", "TGCA"}}));
  EXPECT_EQ(upstream(record, 4)[0].line, 3);
}

TEST(ExtractUpstream, AgreesWithAScanOfTheDoubledSequence) {
  std::mt19937 random(11);
  for (int trial = 0; trial < 200; ++trial) {
    const int begin = 1 + static_cast<int>(random() % 20);
    const int end = begin + static_cast<int>(random() % (21 - begin));
    const int length = 1 + static_cast<int>(random() % 20);
    const bool reverse = random() % 2;
    const std::string range = fmt::format("{}..{}", begin, end);
    const auto record = record_of(
        true, {"gene " + (reverse ? "complement(" + range + ")" : range) + "/gene=\"x\""});
    const std::string three = std::string(bases) + bases + bases;
    const std::string expected = reverse ? reverse_complement(three.substr(20 + end, length))
                                         : three.substr(20 + begin - 1 - length, length);
    EXPECT_EQ(upstream(record, length)[0].letters, expected);
  }
}

TEST(ExtractUpstream, SaysWhyThereIsNothing) {
  const auto bare = record_of(false, {});
  EXPECT_EQ(error_of([&] { upstream(bare, 4); }),
            "in.gb:1: the record 'X' has no features to cut sequences out by; give an "
            "annotated record, or beside a FASTA file its GFF3 file with --annotation");
  const auto no_gene = record_of(false, {"source 1..20"});
  EXPECT_EQ(error_of([&] { upstream(no_gene, 4); }),
            "in.gb: holds no gene or CDS feature, but source; name the ones to use with --feature");
  const auto near = record_of(false, {"gene 3..8/gene=\"x\""});
  EXPECT_EQ(error_of([&] { upstream(near, 4); }),
            "in.gb:3: its only gene feature cannot be used, one with fewer than 4 bases before its "
            "start, 'x' (there are 2, which extract takes as --length, train and augment "
            "windows as --upstream-length)");
  EXPECT_EQ(error_of([&] { upstream(near, 0); }), "the upstream length must be at least 1");
}

TEST(ExtractUpstream, LeavesOutAFeatureThatCannotBeReadAndNamesIt) {
  const auto record = record_of(false, {"gene one-of(5,6)..8/gene=\"odd\"", "gene 5..8/gene=\"a\"",
                                        "gene 0..9", "misc_feature bond(1,5)", "CDS gap()"});
  const Extraction result = extract_upstream({&record, 1}, {.length = 4});
  EXPECT_EQ(pairs(result.sequences), (Pairs{{"a", "ACGT"}}));
  EXPECT_EQ(result.unreadable, 2);
  EXPECT_EQ(describe_left_out(result),
            (std::vector<std::string>{
                "in.gb:3: the gene 'odd' is left out: the location 'one-of(5,6)..8' cannot be read "
                "(one-of(), which is not supported, at character 1).",
                "in.gb:7: the gene is left out: the location '0..9' cannot be read (position 0, "
                "where bases count from 1, at character 1)."}));
  EXPECT_EQ(
      error_of([&] {
        extract_upstream({&record, 1}, {.length = 4, .strict = true});
      }),
      "in.gb:3: the location 'one-of(5,6)..8' cannot be read (one-of(), which is not supported, "
      "at character 1)");
}

TEST(ExtractUpstream, TellsTheFirstFewOfManyThatCannotBeRead) {
  std::vector<std::string> features(11, "gene 0..9/gene=\"odd\"");
  features.emplace_back("gene 5..8/gene=\"a\"");
  const auto record = record_of(false, features);
  const Extraction result = extract_upstream({&record, 1}, {.length = 4});
  EXPECT_EQ(result.unreadable, 11);
  ASSERT_EQ(result.notes.size(), 4u);
  EXPECT_EQ(result.notes.back(), "in.gb: 8 more features cannot be read and are left out.");
}

TEST(ExtractUpstream, SaysWhatWasWrongWhereNothingCanBeRead) {
  const auto record = record_of(false, {"gene 0..9/gene=\"odd\"", "gene 5..8"});
  EXPECT_EQ(
      error_of([&] { upstream(record, 4); }),
      "in.gb: none of its 2 gene features can be used: 1 without a name (/gene, /locus_tag); 1 "
      "with an error, 'odd' in line 3: the location '0..9' cannot be read (position 0, where bases "
      "count from 1, at character 1)");
}

TEST(ExtractUpstream, TakesTheFeaturesThatAreNamed) {
  const auto record =
      record_of(false, {"gene 5..8/gene=\"g\"", "CDS 6..8/locus_tag=\"c\"",
                        "tRNA 7..8/product=\"tRNA-Met\"", "repeat 8..8/label=\"r\""});
  const auto of = [&](const std::string& key) {
    return pairs(extract_upstream({&record, 1}, {.length = 4, .feature = key}).sequences);
  };
  EXPECT_EQ(of("auto"), (Pairs{{"g", "ACGT"}}));
  EXPECT_EQ(of("gene"), (Pairs{{"g", "ACGT"}}));
  EXPECT_EQ(of("CDS"), (Pairs{{"c", "CGTT"}}));
  EXPECT_EQ(of("tRNA"), (Pairs{{"tRNA-Met", "GTTG"}}));
  EXPECT_EQ(of("repeat"), (Pairs{{"r", "TTGC"}}));
  EXPECT_EQ(of("cds"), of("CDS"));
  EXPECT_EQ(error_of([&] { of("exon"); }),
            "in.gb: holds no exon feature, but gene, CDS, tRNA, repeat; name another one with "
            "--feature");
}

TEST(ExtractUpstream, TakesCdsOfAGenomeWithoutGenesAndSaysSo) {
  const std::vector<Record> genome = {record_of(false, {"CDS 5..8/locus_tag=\"c\""}),
                                      record_of(false, {})};
  const Extraction result = extract_upstream(genome, {.length = 4});
  EXPECT_EQ(pairs(result.sequences), (Pairs{{"c", "ACGT"}}));
  EXPECT_EQ(result.notes,
            std::vector<std::string>{
                "in.gb: holds no gene feature; what lies upstream of its CDS features is taken."});
}

TEST(ExtractUpstream, KnowsWhereEachRegionComesFromAndJoinsGenomes) {
  auto first = record_of(false, {"gene 5..8/gene=\"a\"", "gene 6..8"});
  first.file = "first.gb";
  first.id = "A.1";
  auto second = first;
  second.file = "second.gb";
  Extraction both = extract_upstream({&first, 1}, {.length = 4});
  append(both, extract_upstream({&second, 1}, {.length = 4}));
  EXPECT_EQ(pairs(both.sequences), (Pairs{{"a", "ACGT"}, {"a", "ACGT"}}));
  EXPECT_EQ(both.sequences[0].file, "first.gb");
  EXPECT_EQ(both.sequences[0].record, "A.1");
  EXPECT_EQ(both.sequences[1].file, "second.gb");
  EXPECT_EQ(both.unnamed, 2);
}

TEST(ExtractUpstream, TakesBlankNamesForMissing) {
  const auto record =
      record_of(false, {"gene 5..8/gene=\"  \"/locus_tag=\" t 1 \"", "gene 6..8/gene=\" \""});
  const Extraction result = extract_upstream({&record, 1}, {.length = 4});
  EXPECT_EQ(pairs(result.sequences), (Pairs{{"t-1", "ACGT"}}));
  EXPECT_EQ(result.unnamed, 1);
}

TEST(ExtractUpstream, RefusesNamesThatAreNotUtf8) {
  auto record = record_of(false, {"gene 5..8/gene=\"a\"", "misc_feature 1..2/note=\"\xFC\""});
  EXPECT_EQ(upstream(record, 4).size(), 1u);
  record.features[0].qualifiers[0].value = "m\xFCller";
  EXPECT_EQ(error_of([&] { upstream(record, 4); }),
            "in.gb:3: the name /gene 'm\\xFCller' is not UTF-8; convert the file, as by iconv -f "
            "LATIN1 -t UTF-8 FILE");
}

TEST(ExtractUpstream, GivesOneKindOfLetterForBothStrandsOfRna) {
  const auto genome = parse_genbank(
      "LOCUS X 8 bp RNA linear\nFEATURES\n     gene            5..8\n           /gene=\"f\"\n"
      "     gene            complement(1..4)\n           /gene=\"r\"\nORIGIN\n 1 acguacgu\n//\n",
      "in.gb");
  EXPECT_EQ(pairs(upstream(genome.front(), 4, Unique::none)),
            (Pairs{{"f", "ACGT"}, {"r", "ACGT"}}));
}

TEST(ExtractUpstream, RefusesProteins) {
  auto record = record_of(false, {"Protein 1..20"});
  record.protein = true;
  EXPECT_EQ(error_of([&] { upstream(record, 4); }),
            "in.gb:1: 'X' is a protein, which nothing lies upstream of; give the nucleotide record "
            "that it comes from");
}

TEST(ExtractProteins, TakesTheFirstLongEnoughTranslationOfEachName) {
  const auto record = record_of(
      false, {"CDS 1..3/gene=\"a\"/translation=\"MK\"", "CDS 1..3/gene=\"a\"/translation=\"MKV\"",
              "CDS 1..3/gene=\"a\"/translation=\"MKVL\"", "CDS 1..3/gene=\"b\"/pseudo",
              "CDS 1..3/locus_tag=\"c\"/translation=\"mka\"",
              "CDS 1..3/protein_id=\"d.1\"/translation=\"MKY\"", "CDS 1..3/translation=\"MKW\"",
              "gene 1..3/gene=\"e\""});
  const Extraction result = extract_proteins({&record, 1}, {.min_length = 3});
  EXPECT_EQ(pairs(result.sequences), (Pairs{{"a", "MKV"}, {"c", "MKA"}, {"d.1", "MKY"}}));
  EXPECT_EQ(result.unnamed, 1);
  EXPECT_EQ(result.too_short, 1);
  EXPECT_EQ(result.repeated, 1);
  EXPECT_EQ(describe_left_out(result),
            (std::vector<std::string>{"Left out 1 feature of a pseudogene.",
                                      "Left out 1 feature without a name.",
                                      "Left out 1 feature under the wanted length.",
                                      "Left out 1 feature that repeats an earlier one."}));
}

TEST(ExtractProteins, TranslatesWhatHasNoTranslation) {
  const auto record =
      record_of(false, {"CDS 5..10/gene=\"made\"", "CDS 5..10/gene=\"given\"/translation=\"m k v\"",
                        "CDS 5..10/gene=\"empty\"/translation=\"\"", "CDS 5..10/gene=\"p\"/pseudo",
                        "CDS 5..10/gene=\"q\"/pseudogene=\"unknown\"", "CDS 5..9/gene=\"cut\""});
  const Extraction result = extract_proteins({&record, 1}, {.min_length = 1});
  EXPECT_EQ(pairs(result.sequences),
            (Pairs{{"made", "CK"}, {"given", "MKV"}, {"empty", "CK"}, {"cut", "C"}}));
  EXPECT_EQ(describe_left_out(result),
            (std::vector<std::string>{"in.gb:17: the CDS 'cut' is translated, but its protein may "
                                      "be another: the last 2 of its bases are no whole codon.",
                                      "Translated 3 CDS without a /translation.",
                                      "Left out 2 features of pseudogenes."}));
}

TEST(ExtractProteins, LeavesOutACdsThatCannotBeTranslatedAndNamesIt) {
  const auto record =
      record_of(false, {"CDS 5..10/gene=\"a\"", "CDS 5..10/gene=\"b\"/transl_table=99",
                        "CDS 5..10/gene=\"c\"/codon_start=7",
                        "CDS 5..10/gene=\"d\"/transl_except=(pos:999999..1000001,aa:Foo)",
                        "CDS complement(13..18)/gene=\"e\"/transl_except=(pos:13..15,aa:TERM)",
                        "CDS one-of(5,6)..10/gene=\"f\"",
                        "CDS one-of(5,6)..10/gene=\"g\"/translation=\"MK\""});
  const Extraction result = extract_proteins({&record, 1}, {.min_length = 1});
  EXPECT_EQ(pairs(result.sequences), (Pairs{{"a", "CK"}, {"e", "G"}, {"g", "MK"}}));
  ASSERT_EQ(result.notes.size(), 4u);
  EXPECT_EQ(result.notes[0],
            "in.gb:5: the CDS 'b' is left out: /transl_table=99 is none of NCBI's genetic codes "
            "(1-6, 9-16, 21-33).");
  EXPECT_TRUE(result.notes[1].starts_with("in.gb:8: the CDS 'c' is left out: /codon_start=7"));
  EXPECT_TRUE(result.notes[2].starts_with("in.gb:11: the CDS 'd' is left out: /transl_except=("));
  EXPECT_TRUE(result.notes[3].starts_with("in.gb:17: the CDS 'f' is left out: the location"));
  EXPECT_EQ(error_of([&] {
              extract_proteins({&record, 1}, {.min_length = 1, .strict = true});
            }),
            "in.gb:5: /transl_table=99 is none of NCBI's genetic codes (1-6, 9-16, 21-33)");
}

TEST(ExtractProteins, TakesAProteinRecordAsAProtein) {
  auto record = record_of(false, {"CDS 1..20/gene=\"a\"/coded_by=\"X:1..60\""});
  record.protein = true;
  const Extraction result = extract_proteins({&record, 1}, {.min_length = 20});
  EXPECT_EQ(pairs(result.sequences), (Pairs{{"X", bases}}));
  EXPECT_EQ(extract_proteins({&record, 1}, {.min_length = 1}).sequences[0].record, "X");
}

TEST(ExtractProteins, SaysWhyThereIsNothing) {
  const auto error_on = [](const Record& record) {
    return error_of([&] { extract_proteins({&record, 1}); });
  };
  EXPECT_EQ(error_on(record_of(false, {})),
            "in.gb:1: the record 'X' has no features to cut sequences out by; give an "
            "annotated record, or beside a FASTA file its GFF3 file with --annotation");
  EXPECT_EQ(error_on(record_of(false, {"gene 1..3/gene=\"a\""})),
            "in.gb: holds no CDS feature, but gene; proteins are made of CDS features");
  EXPECT_EQ(error_on(record_of(false, {"CDS 1..3/gene=\"a\"/translation=\"M\""})),
            "in.gb: its only protein cannot be used, one shorter than 100 amino acids (the longest "
            "has 1: --min-length)");
}

class RealPlastome : public testing::TestWithParam<const char*> {};

TEST_P(RealPlastome, GivesTheSetsOfThePublishedScripts) {
  const auto data = real_data();
  if (!data) GTEST_SKIP() << "no real data: set STROMA_DATA to its folder";
  const auto records =
      read_genbank(*data / "plastomes" / (std::string(GetParam()) + std::string(".gb")));
  const auto expected = [&](const char* name) {
    return pairs(read_fasta(*data / "../expected" / GetParam() / name));
  };
  EXPECT_EQ(pairs(extract_upstream(records).sequences), expected("upstream300.by-sequence.fasta"));
  EXPECT_EQ(pairs(extract_upstream(records, {.unique = Unique::name}).sequences),
            expected("upstream300.by-name.fasta"));
  EXPECT_EQ(pairs(extract_proteins(records).sequences), expected("proteins100.fasta"));
}

INSTANTIATE_TEST_SUITE_P(Plastomes, RealPlastome, testing::Values("NC_005353.1", "NC_000932.1"),
                         [](const auto& plastome) {
                           return std::string(plastome.param).substr(0, 9);
                         });

}  // namespace
}  // namespace stroma
