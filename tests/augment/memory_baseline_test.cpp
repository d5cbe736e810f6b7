#include "augment/memory_baseline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "augment/windows.h"
#include "datasets/data_file.h"
#include "datasets/extract.h"
#include "datasets/fasta.h"
#include "datasets/sequence_table.h"
#include "datasets/split.h"
#include "tests/datasets/files.h"

namespace stroma {
namespace {

using testing::ElementsAre;

/// Windows of sequences of few letters, each window under any label, in two halves.
struct Halves {
  Dataset dataset;
  std::vector<int32_t> seen, asked;
};
Halves random_halves(std::mt19937& generator) {
  Halves halves;
  Dataset& dataset = halves.dataset;
  dataset.length = 1 + generator() % 12;
  dataset.labels = {"a", "b", "c"};
  for (int32_t s = 0; s < 4; ++s) {
    std::string letters(dataset.length + generator() % 20, 'A');
    for (char& c : letters) c = "ACG"[generator() % 3];
    const auto last = static_cast<int32_t>(std::ssize(letters) - dataset.length);
    dataset.sequences.push_back({"", letters});
    for (int32_t offset = 0; offset <= last; ++offset) {
      const auto label = static_cast<int32_t>(generator() % 4 == 0 ? generator() % 3 : s % 3);
      (generator() % 2 ? halves.seen : halves.asked)
          .push_back(static_cast<int32_t>(dataset.examples.size()));
      dataset.examples.push_back({s, offset, label});
    }
  }
  if (halves.seen.empty()) halves.seen = {0};
  return halves;
}

std::vector<std::string> kmers_of(std::string_view letters, int64_t k) {
  std::vector<std::string> kmers;
  for (int64_t i = 0; i + k <= std::ssize(letters); ++i) kmers.emplace_back(letters.substr(i, k));
  return kmers;
}

/// The sums of votes of the definition, by strings.
std::map<int32_t, double> votes_by_strings(const Halves& halves, int32_t asked, int64_t k) {
  const auto& [dataset, seen, all_asked] = halves;
  std::map<std::string, std::map<int32_t, double>> counts;
  for (const int32_t i : seen) {
    const Example& example = dataset.examples[i];
    for (const std::string& kmer : kmers_of(dataset.window(example), k)) {
      ++counts[kmer][example.label];
    }
  }
  std::map<int32_t, double> votes;
  for (const std::string& kmer : kmers_of(dataset.window(dataset.examples[asked]), k)) {
    double all = 0;
    for (const auto& [label, count] : counts[kmer]) all += count;
    for (const auto& [label, count] : counts[kmer]) votes[label] += count / all;
  }
  return votes;
}

TEST(MemoryBaseline, IsTheVoteOfAllKmersByTheDefinition) {
  std::mt19937 generator(1);
  for (int round = 0; round < 300; ++round) {
    const Halves halves = random_halves(generator);
    const int64_t k = 1 + generator() % halves.dataset.length;
    const std::vector<int32_t> answers =
        vote_of_kmers(halves.dataset, halves.seen, halves.asked, k);
    for (std::size_t i = 0; i < answers.size(); ++i) {
      std::map<int32_t, double> votes = votes_by_strings(halves, halves.asked[i], k);
      double most = 0;
      for (const auto& [label, sum] : votes) most = std::max(most, sum);
      // Sums of at most 12 shares: the order of addition changes each by less than 12 · 2^-53 of
      // 12.
      if (votes.empty()) continue;
      EXPECT_GE(votes[answers[i]], most - 1e-12) << round;
    }
  }
}

Dataset whole(const std::vector<std::pair<std::string, std::string>>& texts) {
  LabelledSequences labelled;
  for (const auto& [letters, label] : texts) {
    labelled.sequences.push_back({"", letters});
    labelled.labels.push_back(label);
  }
  return padded_sequences(std::move(labelled), 0, {});
}

TEST(MemoryBaseline, LookUpWeighsByClass) {
  // Of the copies of ACGT one is resistant and two are not, of all examples one and four.
  const Dataset dataset = whole({{"ACGT", "r"},
                                 {"ACGT", "s"},
                                 {"ACGT", "s"},
                                 {"CC", "s"},
                                 {"GGG", "s"},
                                 {"ACGT", "r"},
                                 {"CC", "r"},
                                 {"ACG", "r"}});
  EXPECT_THAT(look_up(dataset, {0, 1, 2, 3, 4}, {5, 6, 7}), ElementsAre(0, 1, 1));
}

TEST(MemoryBaseline, WithoutAKnownKmerIsTheCommonestLabel) {
  const Dataset dataset =
      whole({{"AAAA", "a"}, {"CCCC", "b"}, {"CCCC", "b"}, {"GGGG", "a"}, {"GG", "a"}});
  EXPECT_THAT(vote_of_kmers(dataset, {0, 1, 2}, {3, 4}, 3), ElementsAre(1, 1));
}

TEST(MemoryBaseline, OfEqualSumsIsTheFirstLabel) {
  const Dataset dataset = whole({{"AAAA", "b"}, {"AAAA", "a"}, {"AAAA", "b"}});
  EXPECT_THAT(vote_of_kmers(dataset, {0, 1}, {2}, 4), ElementsAre(0));
}

TEST(MemoryBaseline, IsNoneWithoutATestPart) {
  const Dataset dataset = whole({{"AAAA", "b"}, {"AAAA", "a"}});
  EXPECT_FALSE(memory_baseline(dataset, {0, 1}, {}, {}));
  EXPECT_FALSE(memory_baseline(dataset, {}, {0, 1}, {}));
}

TEST(MemoryBaseline, OfSeveralLabelsIsRightWhereAllAre) {
  Dataset dataset = whole({{"AAAA", "a"}, {"CCCC", "b"}, {"AAAA", "a"}, {"CCCC", "b"}});
  dataset.label_sets = {{0, 1}, {1}, {0, 1}, {0, 1}};
  const auto memory = memory_baseline(dataset, {0, 1}, {2, 3}, {.whole_sequences = true});
  ASSERT_TRUE(memory);
  EXPECT_EQ(memory->vote, 0.5);
  EXPECT_EQ(memory->look_up, 0.5);
}

TEST(MemoryBaseline, SaysBothFiguresOfWholeSequences) {
  const Dataset dataset = whole({{"AAAA", "a"}, {"CCCC", "b"}, {"AAAA", "a"}, {"AAAA", "b"}});
  const auto memory = memory_baseline(dataset, {0, 1}, {2, 3}, {.whole_sequences = true});
  ASSERT_TRUE(memory);
  EXPECT_EQ(memory->accuracy(), 0.5);
  EXPECT_EQ(describe(*memory), "0.5000 by look-up, 0.5000 by a vote of 4-mers");
}

/// Another program measured 0.9695, 0.9689, 0.9691 and 0.9682 on one split of the same windows.
TEST(MemoryBaseline, IsThatOfTheStudyOnARandomSplit) {
  const auto folder = real_data();
  if (!folder) GTEST_SKIP() << "needs the genomes of STROMA_DATA";
  const Dataset dataset = windows_dataset(
      labelled_by_id(extract_upstream(read_genome(*folder / "plastomes/NC_005353.1.gb"),
                                      {.unique = Unique::name})
                         .sequences),
      {});
  ASSERT_EQ(dataset.examples.size(), 26082u);
  const Split split = split_examples(dataset, {.validation_fraction = 0, .seed = 42});
  for (const auto& [k, measured] :
       std::map<int64_t, double>{{10, 0.9695}, {12, 0.9689}, {15, 0.9691}, {20, 0.9682}}) {
    const auto memory = memory_baseline(dataset, split.train, split.test, {.k = k});
    ASSERT_TRUE(memory);
    EXPECT_NEAR(memory->vote, measured, 0.005) << k;
  }
}

/// Each test sequence of the resistance set occurs in training, and a look-up weighed
/// by class is right on 14 of 15.
TEST(MemoryBaseline, LooksUpFourteenOfFifteenGenes) {
  const auto folder = real_data();
  if (!folder || !std::filesystem::exists(*folder / "amr")) {
    GTEST_SKIP() << "needs the resistance set of STROMA_DATA";
  }
  LabelledSequences labelled;
  std::vector<std::string> notes;
  std::vector<int32_t> seen, asked;
  for (const std::string part : {"train", "test"}) {
    const std::vector<Sequence> sequences = read_fasta(*folder / "amr" / part / "pbp4.fasta");
    const SequenceTable table = read_sequence_table(*folder / "amr" / part / "labels.txt");
    const auto rows = rows_of(table, sequences, notes);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      (part == "train" ? seen : asked).push_back(static_cast<int32_t>(labelled.labels.size()));
      labelled.sequences.push_back(sequences[i]);
      labelled.labels.push_back(rows[i]->fields[1]);
    }
  }
  const Dataset dataset = padded_sequences(std::move(labelled), 0, {});
  const auto memory = memory_baseline(dataset, seen, asked, {.whole_sequences = true});
  ASSERT_TRUE(memory);
  EXPECT_DOUBLE_EQ(memory->accuracy(), 14.0 / 15);
}

}  // namespace
}  // namespace stroma
