// extract and augment: what they write, against the published sets where these are, and what they
// say.
#include <gtest/gtest.h>

#include <algorithm>

#include "datasets/fasta.h"
#include "datasets/labelled_csv.h"
#include "tests/tensors.h"
#include "tests/tools/program.h"

namespace stroma {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

Pairs sorted(Pairs pairs) {
  std::sort(pairs.begin(), pairs.end());
  return pairs;
}

/// Sequences and ids of a FASTA text, in no order.
Pairs fasta_pairs(const std::string& text) {
  Pairs pairs;
  for (const Sequence& s : parse_fasta(text, "fasta")) pairs.emplace_back(s.letters, s.id);
  return sorted(pairs);
}

Pairs csv_pairs(const std::string& text) {
  const LabelledSequences all = parse_labelled_csv(text, "csv");
  Pairs pairs;
  for (std::size_t i = 0; i < all.labels.size(); ++i) {
    pairs.emplace_back(all.sequences[i].letters, all.labels[i]);
  }
  return sorted(pairs);
}

TEST(DataCommands, DoNotWriteOverWhatTheyRead) {
  const TemporaryFolder folder;
  const std::string genome = (folder.path() / "demo.gb").string();
  ASSERT_EQ(run({"simulate", "--genes", "5", "-o", genome, "--quiet"}).status, 0);
  const std::string before = read_file(genome);
  const std::string other_name = (folder.path() / "." / "demo.gb").string();
  for (const std::vector<std::string>& command :
       std::vector<std::vector<std::string>>{{"extract", "upstream", genome, "-o", genome},
                                             {"extract", "proteins", genome, "-o", other_name},
                                             {"augment", "windows", genome, "-o", genome},
                                             {"kmers", "count", genome, "--k", "3", "-o", genome},
                                             {"kmers", "shared", genome, "-o", other_name}}) {
    expect_failure(run(command), 2, {"would be written over the input", "name another file"});
    EXPECT_EQ(read_file(genome), before);
  }
}

TEST(DataCommands, GiveThePublishedSets) {
  const auto folder = real_data();
  if (!folder) GTEST_SKIP() << "the plastomes are not here; name their folder in STROMA_DATA";
  for (const std::string accession : {"NC_005353.1", "NC_000932.1"}) {
    const std::string genome = *folder / "plastomes" / (accession + ".gb");
    const auto expected = *folder / ".." / "expected" / accession;
    if (!std::filesystem::exists(expected)) GTEST_SKIP() << "no expected sets beside the data";
    const auto file = [&](const char* name) { return read_file(expected / name); };
    EXPECT_EQ(fasta_pairs(run({"extract", "upstream", genome}).out),
              fasta_pairs(file("upstream300.by-sequence.fasta")));
    const std::string by_name = run({"extract", "upstream", genome, "--unique", "name"}).out;
    EXPECT_EQ(fasta_pairs(by_name), fasta_pairs(file("upstream300.by-name.fasta")));
    EXPECT_EQ(fasta_pairs(run({"extract", "proteins", genome}).out),
              fasta_pairs(file("proteins100.fasta")));
    const TemporaryFolder made;
    const std::string fasta = made.write("by-name.fasta", by_name).string();
    const std::string windows = run({"augment", "windows", fasta}).out;
    EXPECT_EQ(csv_pairs(windows), csv_pairs(file("windows40.csv")));
    EXPECT_EQ(run({"augment", "windows", genome, "--unique", "name"}).out, windows);
  }
}

/// A genome of 60 bp with one gene feature, psbA, and what else `features` adds.
std::string small_genome(const std::string& name, const std::string& features = "") {
  return "LOCUS       " + name +
         " 60 bp DNA linear\nFEATURES\n     gene            31..40\n"
         "                     /gene=\"psbA\"\n" +
         features +
         "ORIGIN\n        1 acgtacgtac ggtacgtaca cgtatttgca acgtacgtac ttacgtacgt acgtacgtaa\n"
         "//\n";
}

TEST(Extract, TakesEachGenomeOnItsOwnAndNamesItsFile) {
  const TemporaryFolder folder;
  const std::string a = folder.write("a.gb", small_genome("A")).string();
  const std::string b = folder.write("b.gb", small_genome("B")).string();
  const std::string region = "CGTATTTGCA\n";
  EXPECT_EQ(run({"extract", "upstream", a, "--length", "10"}).out, ">psbA\n" + region);
  const Result both = run({"extract", "upstream", a, b, "--length", "10"});
  EXPECT_EQ(both.out, ">psbA " + a + " A\n" + region + ">psbA " + b + " B\n" + region);
  EXPECT_NE(both.err.find("Extracted 2 upstream regions"), std::string::npos) << both.err;
}

TEST(Extract, TakesRepeatsInOneGenomeForRepeatsAndNamesTheRecord) {
  const TemporaryFolder folder;
  const std::string two = folder.write("two.gb", small_genome("A") + small_genome("B")).string();
  EXPECT_EQ(run({"extract", "upstream", two, "--length", "10", "--unique", "none"}).out,
            ">psbA " + two + " A\nCGTATTTGCA\n>psbA " + two + " B\nCGTATTTGCA\n");
  const Result once = run({"extract", "upstream", two, "--length", "10"});
  EXPECT_EQ(once.out, ">psbA " + two + " A\nCGTATTTGCA\n");
  EXPECT_NE(once.err.find("Extracted 1 upstream region of 10 bases."), std::string::npos)
      << once.err;
  EXPECT_NE(once.err.find("Left out 1 feature that repeats"), std::string::npos) << once.err;
}

TEST(Extract, LeavesOutWhatCannotBeReadUnlessStrict) {
  const TemporaryFolder folder;
  const std::string genome = folder
                                 .write("g.gb", small_genome("A",
                                                             "     gene            one-of(1,2)..9\n"
                                                             "                     /gene=\"odd\"\n"
                                                             "     misc_feature    order(1..2,)\n"))
                                 .string();
  const Result result = run({"extract", "upstream", genome, "--length", "10"});
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(result.out, ">psbA\nCGTATTTGCA\n");
  EXPECT_NE(result.err.find(genome + ":5: the gene 'odd' is left out: the location"),
            std::string::npos)
      << result.err;
  expect_failure(run({"extract", "upstream", genome, "--length", "10", "--strict"}), 1,
                 {genome + ":5: the location 'one-of(1,2)..9'"});
}

TEST(Extract, TakesUpstreamRegionsOfOtherFeatures) {
  const TemporaryFolder folder;
  const std::string genome =
      folder
          .write("g.gb", small_genome("A",
                                      "     tRNA            41..50\n"
                                      "                     /product=\"tRNA-Met\"\n"))
          .string();
  EXPECT_EQ(run({"extract", "upstream", genome, "--length", "10", "--feature", "tRNA"}).out,
            ">tRNA-Met\nACGTACGTAC\n");
  expect_failure(run({"extract", "upstream", genome, "--feature", "CDS"}), 1,
                 {"holds no CDS feature, but gene, tRNA", "--feature"});
  expect_failure(run({"extract", "upstream", genome}), 1,
                 {"fewer than 300 bases before its start, 'psbA' (there ",
                  "are 30, which extract takes as --length"});
}

TEST(AugmentWindows, TellsCountsAndTheLabelCeiling) {
  const TemporaryFolder folder;
  const std::string fasta = folder.write("in.fasta", ">a\nACGTAC\n>b\nACGTTT\n").string();
  const Result result = run({"augment", "windows", fasta, "--length", "4", "--min-overlap", "1",
                             "--max-overlap", "2", "--min-shared", "1"});
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(result.out, "ACGT, a\nCGTA, a\nGTAC, a\nACGT, b\nCGTT, b\nGTTT, b\n");
  EXPECT_NE(result.err.find("2 sequences, 6 windows of 4 letters, 2 classes"), std::string::npos);
  EXPECT_NE(result.err.find("Label ceiling 0.8333"), std::string::npos) << result.err;
  const std::string csv = folder.write("out.csv", result.out).string();
  EXPECT_EQ(run({"augment", "windows", csv, "--length", "4", "--min-overlap", "1", "--max-overlap",
                 "2", "--min-shared", "1"})
                .out,
            result.out);
}

TEST(DataCommands, AskWhetherProteinsOfFourLettersAreDna) {
  const TemporaryFolder folder;
  const std::string bases = folder.write("bases.fasta", ">a\nACGTAC\n>b\nACGTTT\n").string();
  const std::string protein = folder.write("protein.fasta", ">a\nACGTAC\n>b\nMCGTTT\n").string();
  const std::vector<std::vector<std::string>> commands = {
      {"augment", "windows", "--length", "4", "--min-overlap", "1", "--max-overlap", "2",
       "--min-shared", "1", "--alphabet", "protein"},
      {"kmers", "count", "--k", "2", "--alphabet", "protein"}};
  for (std::vector<std::string> command : commands) {
    command.push_back(bases);
    EXPECT_NE(run(command).err.find(bases + ": read as proteins"), std::string::npos);
    command.back() = protein;
    const Result result = run(command);
    EXPECT_EQ(result.status, 0) << result.err;
    EXPECT_EQ(result.err.find("is this DNA?"), std::string::npos) << result.err;
  }
}

TEST(AugmentWindows, CheckOptionsThatDependOnOneAnother) {
  const auto windows = [](const char* option, const char* value) {
    return run({"augment", "windows", "absent.fasta", option, value});
  };
  expect_failure(windows("--length", "20"), 2, {"--max-overlap 20", "--length 20"});
  expect_failure(windows("--min-shared", "41"), 2, {"--min-shared 41", "--length 40"});
}

TEST(AugmentWindows, AreTheSameOnEveryDevice) {
  const TemporaryFolder folder;
  const std::string fasta = folder.write("in.fasta", ">a\nACGTACGTAAA\n>b\nACGTTT\n").string();
  for (const Device& device : test::devices()) {
    EXPECT_EQ(run({"augment", "windows", fasta, "--length", "5", "--min-overlap", "0",
                   "--max-overlap", "1", "--min-shared", "5", "--device", to_string(device)})
                  .out,
              "ACGTA, a\nCGTAC, a\nCGTAA, a\nACGTT, b\nCGTTT, b\n")
        << to_string(device);
  }
}

TEST(AugmentWindows, ReadsUnknownLettersAsTold) {
  const TemporaryFolder folder;
  const std::string fasta = folder.write("in.fasta", ">a\nACGTAC\n>b\nNCGTTT\n").string();
  const auto windows = [&](const char* unknown) {
    return run({"augment", "windows", fasta, "--length", "5", "--min-overlap", "1", "--max-overlap",
                "2", "--min-shared", "1", "--unknown", unknown});
  };
  expect_failure(windows("error"), 1, {fasta, "1 letter outside the DNA alphabet", "N", "line 3"});
  EXPECT_EQ(windows("zero").out, "ACGTA, a\nCGTAC, a\nNCGTT, b\nCGTTT, b\n");
  EXPECT_EQ(windows("skip").out, "ACGTA, a\nCGTAC, a\nCGTTT, b\n");
}

}  // namespace
}  // namespace stroma
