#include "augment/kmers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <sstream>

#include "tests/datasets/files.h"
#include "tests/tensors.h"

namespace stroma {
namespace {

using testing::HasSubstr;

std::vector<Sequence> sequences_of(const std::vector<std::string>& all_letters) {
  std::vector<Sequence> sequences;
  for (const std::string& letters : all_letters) {
    sequences.push_back({"s" + std::to_string(sequences.size()), letters});
  }
  return sequences;
}

std::string counted(const std::vector<std::string>& letters, const Alphabet& alphabet, int k,
                    bool canonical, const Device& device) {
  std::ostringstream out;
  write_kmer_counts(out, count_kmers(sequences_of(letters), alphabet, k, canonical, device),
                    alphabet);
  return out.str();
}

TEST(CountKmers, AddsUpOverSequencesInTheOrderOfLetters) {
  for (const Device& device : test::devices()) {
    SCOPED_TRACE(to_string(device));
    EXPECT_EQ(counted({"ACGACG", "CGA"}, dna_alphabet(), 3, false, device),
              "ACG\t2\nCGA\t2\nGAC\t1\n");
    EXPECT_EQ(counted({"ACGACG", "CGA"}, dna_alphabet(), 3, true, device),
              "ACG\t2\nCGA\t2\nGAC\t1\n");
    EXPECT_EQ(counted({"GGT", "ACC"}, dna_alphabet(), 3, true, device), "ACC\t2\n");
    EXPECT_EQ(counted({"GGU"}, rna_alphabet(), 3, true, device), "ACC\t1\n");
    EXPECT_EQ(counted({"MYMYM"}, protein_alphabet(), 2, false, device), "MY\t2\nYM\t2\n");
    const std::string longest = "ACGTTGCAACGTTGCAACGTTGCAACGTTGT";
    EXPECT_EQ(counted({longest}, dna_alphabet(), 31, false, device), longest + "\t1\n");
  }
}

TEST(CountKmers, PassesOverKmersWithALetterOutsideTheAlphabet) {
  for (const Device& device : test::devices()) {
    EXPECT_EQ(counted({"AACNCAA", "A-C"}, dna_alphabet(), 2, false, device),
              "AA\t2\nAC\t1\nCA\t1\n");
    EXPECT_EQ(counted({"ACG", ""}, dna_alphabet(), 4, false, device), "");
  }
}

TEST(CountKmers, RefuseWhatDoesNotFit) {
  const auto error = [](const Alphabet& alphabet, int k, bool canonical) {
    return error_of([&] { count_kmers({}, alphabet, k, canonical, Device{}); });
  };
  EXPECT_EQ(error(dna_alphabet(), 0, false),
            "k = 0 is out of range; DNA k-mers have 1 to 31 letters");
  EXPECT_THAT(error(dna_alphabet(), 32, false), HasSubstr("1 to 31"));
  EXPECT_THAT(error(protein_alphabet(), 13, false), HasSubstr("protein k-mers have 1 to 12"));
  EXPECT_THAT(error(protein_alphabet(), 3, true), HasSubstr("no reverse complement"));
}

TEST(SharedKmers, AreTheSmallerOfTwoCountsForEachKmer) {
  const auto sequences = sequences_of({"AAAAC", "AAAT", "CCAA", "G"});
  for (const Device& device : test::devices()) {
    const SharedKmers shared =
        shared_kmers(sequences, dna_alphabet(), {.min_k = 2, .max_k = 3}, device);
    // AA three times and twice, AAA twice and once; AA three times and once; AA twice and once.
    EXPECT_EQ(shared.counts, (std::vector<int64_t>{3, 1, 0, 1, 0, 0}));
    EXPECT_EQ(shared.of(1, 2), 1);
  }
}

TEST(SharedKmers, DoNotDependOnTheTiles) {
  std::mt19937 random(1);
  std::vector<std::string> letters;
  for (int i = 0; i < 23; ++i) {
    std::string& text = letters.emplace_back();
    for (uint32_t length = random() % 200; text.size() < length;)
      text += "ACGTN"[random() % 41 / 10];
  }
  const auto sequences = sequences_of(letters);
  const auto whole = shared_kmers(sequences, dna_alphabet(), {.min_k = 2, .max_k = 7}, Device{});
  for (const Device& device : test::devices()) {
    for (const int64_t tile : {1, 4, 11, 22, 23}) {
      EXPECT_EQ(
          shared_kmers(sequences, dna_alphabet(), {.min_k = 2, .max_k = 7, .tile = tile}, device)
              .counts,
          whole.counts)
          << tile;
    }
  }
}

TEST(SharedKmers, RefuseARangeThatIsNone) {
  const auto error = [](int min_k, int max_k) {
    return error_of(
        [&] { shared_kmers({}, dna_alphabet(), {.min_k = min_k, .max_k = max_k}, Device{}); });
  };
  EXPECT_THAT(error(6, 5), HasSubstr("k from 6 to 5"));
  EXPECT_THAT(error(0, 5), HasSubstr("k = 0"));
  EXPECT_THAT(error(5, 32), HasSubstr("k = 32"));
  EXPECT_EQ(error(5, 12), "");
}

TEST(SharedKmers, AreWrittenWithNamesAsCsv) {
  std::vector<Sequence> sequences = sequences_of({"ACGTA", "CGTAC", "TTTTT"});
  sequences[1].id = "b,\"2\"";
  std::ostringstream out;
  write_shared_kmers(
      out, shared_kmers(sequences, dna_alphabet(), {.min_k = 4, .max_k = 4}, Device{}), sequences);
  EXPECT_EQ(out.str(),
            "Sequence1,Sequence2,Total Common K-mers\n"
            "s0,\"b,\"\"2\"\"\",1\ns0,s2,0\n\"b,\"\"2\"\"\",s2,0\n");
}

}  // namespace
}  // namespace stroma
