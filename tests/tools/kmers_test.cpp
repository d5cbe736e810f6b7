// kmers: what it writes, against the published sets where these are, on every device of the build;
// and what it says of input that does not fit.
#include <gtest/gtest.h>

#include "tests/tensors.h"
#include "tests/tools/program.h"

namespace stroma {
namespace {

TEST(KmersShared, GivesThePublishedTableToTheByte) {
  const auto folder = real_data();
  if (!folder) GTEST_SKIP() << "the plastomes are not here; name their folder in STROMA_DATA";
  for (const std::string accession : {"NC_005353.1", "NC_000932.1"}) {
    const auto expected = *folder / ".." / "expected" / accession;
    if (!std::filesystem::exists(expected)) GTEST_SKIP() << "no expected sets beside the data";
    for (const Device& device : test::devices()) {
      const Result result = run({"kmers", "shared", expected / "upstream300.by-name.fasta",
                                 "--device", to_string(device)});
      EXPECT_EQ(result.status, 0) << result.err;
      EXPECT_TRUE(result.out == read_file(expected / "kmers5-12.csv"))
          << accession << " on " << to_string(device);
    }
  }
}

class Kmers : public testing::Test {
 protected:
  std::string file(const std::string& name, const std::string& text) const {
    return folder_.write(name, text).string();
  }
  TemporaryFolder folder_;
};

TEST_F(Kmers, AreCountedInFastaGenBankAndCsvAlike) {
  const std::string fasta = file("in.fasta", ">a_1 first\nacgtt\n>a_2\nAACG\n");
  const std::string csv = file("in.csv", "ACGTT, a\nAACG, b\n");
  const std::string expected = "AAC\t1\nACG\t2\nCGT\t1\nGTT\t1\n";
  const Result result = run({"kmers", "count", fasta, "--k", "3"});
  EXPECT_EQ(result.out, expected);
  EXPECT_EQ(result.err, "Counted 5 3-mers, 4 of them distinct, in 2 sequences.\n");
  EXPECT_EQ(run({"kmers", "count", csv, "--k", "3"}).out, expected);
  EXPECT_EQ(run({"kmers", "count", csv, "--k", "3", "--canonical"}).out, "AAC\t2\nACG\t3\n");
  const std::string genome = (folder_.path() / "demo.gb").string();
  ASSERT_EQ(run({"simulate", "--genes", "6", "-o", genome}).status, 0);
  for (const Device& device : test::devices()) {
    EXPECT_EQ(run({"kmers", "count", genome, "--k", "9", "--device", to_string(device)}).out,
              run({"kmers", "count", genome, "--k", "9", "--threads", "1"}).out);
  }
}

TEST_F(Kmers, AreSharedUnderTheNamesOfTheSequences) {
  const std::string fasta = file("in.fasta", ">a_1 first\nACGTT\n>a_2\nTACG\n>c\nA\n");
  const std::string expected =
      "Sequence1,Sequence2,Total Common K-mers\na_1,a_2,3\na_1,c,0\na_2,c,0\n";
  const std::string out = (folder_.path() / "out.csv").string();
  const Result result = run({"kmers", "shared", fasta, "--min-k", "2", "--max-k", "31", "-o", out});
  EXPECT_EQ(result.out, "");
  EXPECT_EQ(result.err, "Compared 3 pairs of 3 sequences, k = 2 to 31.\n");
  EXPECT_EQ(read_file(out), expected);
  const std::string csv = file("in.csv", "ACGTT, a\nTACG, b\n");
  EXPECT_EQ(run({"kmers", "shared", csv, "--min-k", "3", "--max-k", "3", "--quiet"}).out,
            "Sequence1,Sequence2,Total Common K-mers\na,b,1\n");
}

TEST_F(Kmers, WithAnAmbiguityCodeAreSkippedOrRefused) {
  const std::string fasta = file("in.fasta", ">a\nACNGT\n>b\nAC-\n");
  const Result result = run({"kmers", "count", fasta, "--k", "2"});
  EXPECT_EQ(result.out, "AC\t2\nGT\t1\n");
  EXPECT_NE(result.err.find("2 letters outside the DNA alphabet"), std::string::npos) << result.err;
  EXPECT_NE(result.err.find("k-mers that hold one are left out"), std::string::npos) << result.err;
  for (const char* command : {"count", "shared"}) {
    std::vector<std::string> words = {"kmers", command, fasta, "--unknown", "error"};
    if (words[1] == "count") words.insert(words.end(), {"--k", "2"});
    expect_failure(run(words), 1, {fasta, "code N", "position 3", "--unknown skip"});
  }
}

TEST_F(Kmers, OfWhatDoesNotFitAreOneSentence) {
  const std::string protein = file("protein.fasta", ">p\nMEEPQSD\n");
  const std::string out = (folder_.path() / "out").string();
  const auto count = [&](const std::string& path, const std::vector<std::string>& options) {
    std::vector<std::string> words = {"kmers", "count", path, "-o", out};
    words.insert(words.end(), options.begin(), options.end());
    return run(words);
  };
  expect_failure(count(protein, {"--k", "3", "--canonical"}), 1,
                 {protein, "'p'", "the letter E", "--alphabet"});
  expect_failure(count(protein, {"--k", "3", "--canonical", "--alphabet", "protein"}), 2,
                 {"--canonical does not go with --alphabet protein"});
  expect_failure(count(protein, {"--k", "13", "--alphabet", "protein"}), 2,
                 {"--k 13 is above 12, the most with --alphabet protein"});
  expect_failure(count(protein, {"--k", "32"}), 2, {"--k must be a whole number from 1 to 31"});
  expect_failure(count(protein, {"--k", "0"}), 2, {"--k must be"});
  expect_failure(count(protein, {}), 2, {"--k is required"});
  expect_failure(count(file("empty", ""), {"--k", "3"}), 1, {"empty"});
  expect_failure(count((folder_.path() / "absent").string(), {"--k", "3"}), 1, {"no such file"});
  const auto shared = [&](const std::vector<std::string>& options) {
    std::vector<std::string> words = {"kmers", "shared", protein, "-o", out};
    words.insert(words.end(), options.begin(), options.end());
    return run(words);
  };
  expect_failure(shared({"--min-k", "6", "--max-k", "5"}), 2, {"--min-k 6 is above --max-k 5"});
  expect_failure(shared({"--max-k", "13", "--alphabet", "protein"}), 2,
                 {"--max-k 13 is above 12, the most with --alphabet protein"});
  expect_failure(shared({"--alphabet", "protein"}), 1, {protein, "one sequence"});
  EXPECT_FALSE(std::filesystem::exists(out));
  EXPECT_EQ(count(protein, {"--k", "12", "--alphabet", "protein"}).status, 0);  // shorter than k
  EXPECT_EQ(read_file(out), "");
}

}  // namespace
}  // namespace stroma
