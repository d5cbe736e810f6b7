#include "augment/overlap.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "augment/windows.h"
#include "datasets/fasta.h"
#include "datasets/split.h"
#include "tests/datasets/files.h"

namespace stroma {
namespace {

// Windows of sequences of few letters, so that texts repeat.
Dataset random_dataset(std::mt19937& generator) {
  Dataset dataset;
  dataset.length = 1 + generator() % 8;
  dataset.labels = {"a", "b", "c"};
  const int32_t sequences = 1 + generator() % 4;
  for (int32_t i = 0; i < sequences; ++i) {
    std::string letters(dataset.length + generator() % 10, 'A');
    for (char& c : letters) c = "ACG"[generator() % 3];
    const auto last = static_cast<int32_t>(std::ssize(letters) - dataset.length);
    dataset.sequences.push_back({"", letters});
    for (int32_t offset = 0; offset <= last; ++offset) {
      if (generator() % 4 != 0) {
        dataset.examples.push_back({i, offset, static_cast<int32_t>(generator() % 3)});
      }
    }
  }
  return dataset;
}

/// Whole sequences of 1 to `length` letters, and of some more, which are cut.
Dataset random_padded_dataset(std::mt19937& generator) {
  LabelledSequences labelled;
  const int64_t length = 1 + generator() % 6;
  for (int count = 1 + generator() % 8; count > 0; --count) {
    std::string letters(1 + generator() % (length + 2), 'A');
    for (char& c : letters) c = "ACG"[generator() % 3];
    labelled.sequences.push_back({"", letters});
    labelled.labels.emplace_back(1, "abc"[generator() % 3]);
  }
  return padded_sequences(std::move(labelled), length, {});
}

double ceiling_by_strings(const Dataset& dataset) {
  std::map<std::string_view, std::map<int32_t, int>> counts;
  for (const Example& example : dataset.examples) ++counts[dataset.window(example)][example.label];
  double reachable = 0;
  for (const auto& [text, labels] : counts) {
    int most = 0;
    for (const auto& [label, count] : labels) most = std::max(most, count);
    reachable += most;
  }
  return reachable / static_cast<double>(dataset.examples.size());
}

double leakage_by_strings(const Dataset& dataset, const Split& split, int64_t min_shared) {
  const auto texts = [&](int32_t i) {
    const std::string_view window = dataset.window(dataset.examples[i]);
    std::vector<std::string_view> result;
    for (int64_t k = 0; k + min_shared <= std::ssize(window); ++k) {
      result.push_back(window.substr(k, min_shared));
    }
    if (dataset.padding && result.empty()) result.push_back(window);
    return result;
  };
  std::set<std::string_view> seen;
  for (const int32_t i : split.train) {
    for (const std::string_view text : texts(i)) seen.insert(text);
  }
  double sharing = 0;
  for (const int32_t i : split.test) {
    bool shares = false;
    for (const std::string_view text : texts(i)) shares = shares || seen.contains(text);
    sharing += shares;
  }
  return sharing / static_cast<double>(split.test.size());
}

TEST(LabelCeiling, CountsTheMostFrequentLabelOfEachText) {
  std::mt19937 generator(1);
  for (int trial = 0; trial < 500; ++trial) {
    const Dataset dataset = random_dataset(generator);
    if (dataset.examples.empty()) continue;
    EXPECT_DOUBLE_EQ(label_ceiling(dataset), ceiling_by_strings(dataset));
    const Dataset padded = random_padded_dataset(generator);
    EXPECT_DOUBLE_EQ(label_ceiling(padded), ceiling_by_strings(padded));
  }
  EXPECT_EQ(label_ceiling({}), 1);
}

TEST(LabelCeiling, IsThePublishedOneOnRealGenomes) {
  const auto data = real_data();
  if (!data) GTEST_SKIP() << "no real data: set STROMA_DATA to its folder";
  const auto ceiling = [&](const char* file) {
    return label_ceiling(
        windows_dataset(labelled_by_id(read_fasta(*data / "../expected" / file)), {}));
  };
  EXPECT_NEAR(ceiling("NC_005353.1/upstream300.by-name.fasta"), 0.9742, 0.00005);
  EXPECT_NEAR(ceiling("NC_005353.1/upstream300.by-sequence.fasta"), 0.974, 0.0005);
  EXPECT_NEAR(ceiling("NC_000932.1/upstream300.by-name.fasta"), 0.959, 0.0005);
  EXPECT_NEAR(ceiling("NC_000932.1/upstream300.by-sequence.fasta"), 0.985, 0.0005);
}

/// Compares on random datasets, with `min_shared` up to `beyond` over their length.
template <class Make>
void expect_leakage_as_by_strings(Make make, int64_t beyond) {
  std::mt19937 generator(2);
  int between = 0;
  for (int trial = 0; trial < 1000; ++trial) {
    const Dataset dataset = make(generator);
    Split split;
    for (int32_t i = 0; i < std::ssize(dataset.examples); ++i) {
      (generator() % 3 == 0 ? split.train : split.test).push_back(i);
    }
    if (split.test.empty()) continue;
    const int64_t min_shared = 1 + generator() % (dataset.length + beyond);
    const double share = leakage(dataset, split.train, split.test, min_shared);
    EXPECT_DOUBLE_EQ(share, leakage_by_strings(dataset, split, min_shared));
    EXPECT_DOUBLE_EQ(share_of_equal(equal_examples(dataset), split.train, split.test),
                     leakage_by_strings(dataset, split, dataset.length));
    between += share > 0 && share < 1;
  }
  EXPECT_GT(between, 100);  // so that the comparison means something
}

TEST(Leakage, CountsTestWindowsThatShareLettersWithTraining) {
  expect_leakage_as_by_strings(random_dataset, 1);
}

TEST(Leakage, CountsOfPaddedSequencesTheShorterOnesThatAreEqual) {
  expect_leakage_as_by_strings(random_padded_dataset, 0);
}

TEST(Leakage, IsNoneWithoutTestOrTraining) {
  const Dataset dataset =
      windows_dataset({{{"a", "ACGTACGTA"}, {"b", "CCCCGGGGA"}}, {"a", "b"}}, {4, 0, 0, 1});
  EXPECT_EQ(leakage(dataset, {0, 1}, {}, 2), 0);
  EXPECT_EQ(leakage(dataset, {}, {0, 1}, 2), 0);
  EXPECT_EQ(leakage(dataset, {0}, {0}, 4), 1);
  EXPECT_EQ(leakage(dataset, {0}, {0}, 5), 0);  // longer than the window
  EXPECT_THROW(leakage(dataset, {0}, {0}, 0), Error);
}

}  // namespace
}  // namespace stroma
