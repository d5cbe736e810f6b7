// Splits that keep whole groups together, and parts that are given apart.
#include "datasets/group_split.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "tests/datasets/files.h"

namespace stroma {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// A sequence for each group, some examples of each, of three classes.
Dataset grouped(std::mt19937& generator, int groups) {
  Dataset dataset;
  dataset.length = 1;
  dataset.labels = {"a", "b", "c"};
  for (int32_t g = 0; g < groups; ++g) {
    dataset.sequences.push_back({.id = "s", .letters = "A", .group = "g" + std::to_string(g)});
    for (int count = 1 + generator() % 20; count > 0; --count) {
      dataset.examples.push_back({g, 0, static_cast<int32_t>(generator() % 3)});
    }
  }
  return dataset;
}

std::set<std::string> groups_in(const Dataset& dataset, const std::vector<int32_t>& part) {
  const std::vector<std::string> names = groups_of(dataset, part);
  return {names.begin(), names.end()};
}

void expect_whole_groups(const Dataset& dataset, const Split& split) {
  const std::set<std::string> train = groups_in(dataset, split.train),
                              validation = groups_in(dataset, split.validation),
                              test = groups_in(dataset, split.test);
  EXPECT_EQ(train.size() + validation.size() + test.size(), dataset.sequences.size());
  EXPECT_EQ(split.train.size() + split.validation.size() + split.test.size(),
            dataset.examples.size());
  EXPECT_FALSE(train.empty());
  EXPECT_FALSE(validation.empty());
  EXPECT_FALSE(test.empty());
}

TEST(GroupSplit, KeepsEveryGroupInOnePart) {
  std::mt19937 generator(1);
  for (int round = 0; round < 60; ++round) {
    const Dataset dataset = grouped(generator, 6 + static_cast<int>(generator() % 30));
    for (const SplitMethod method : {SplitMethod::random, SplitMethod::stratified,
                                     SplitMethod::kfold, SplitMethod::leave_one_group_out}) {
      const SplitOptions options{
          .method = method, .fold = static_cast<int>(generator() % 5), .seed = generator()};
      const Split split = split_examples(dataset, options);
      expect_whole_groups(dataset, split);
      EXPECT_EQ(split.test, split_examples(dataset, options).test);
    }
  }
}

TEST(GroupSplit, ComesNearTheFractionWhereGroupsAreSmall) {
  std::mt19937 generator(2);
  for (int round = 0; round < 20; ++round) {
    const Dataset dataset = grouped(generator, 300);
    for (const SplitMethod method : {SplitMethod::random, SplitMethod::stratified}) {
      const Split split = split_examples(dataset, {.method = method, .seed = generator()});
      const auto share = [&](const std::vector<int32_t>& part, std::size_t of) {
        return static_cast<double>(part.size()) / static_cast<double>(of);
      };
      // A group has at most 20 of some 3,000 examples; the classes of a stratified part are met
      // together, so that it may be a group of each class off.
      EXPECT_NEAR(share(split.test, dataset.examples.size()), 0.2, 0.02);
      EXPECT_NEAR(share(split.validation, dataset.examples.size() - split.test.size()), 0.1, 0.02);
    }
  }
}

TEST(GroupSplit, FoldsAreAPartition) {
  std::mt19937 generator(3);
  const Dataset dataset = grouped(generator, 23);
  std::vector<int> hits(dataset.examples.size());
  for (int fold = 0; fold < 5; ++fold) {
    const SplitOptions options{.method = SplitMethod::kfold, .fold = fold, .seed = 7};
    for (const int32_t i : split_examples(dataset, options).test) ++hits[i];
  }
  EXPECT_THAT(hits, testing::Each(1));
}

TEST(GroupSplit, LeavesOutOneGroupInTheOrderOfNames) {
  std::mt19937 generator(4);
  const Dataset dataset = grouped(generator, 4);
  for (int group = 0; group < 4; ++group) {
    const SplitOptions options{.method = SplitMethod::leave_one_group_out, .fold = group};
    EXPECT_THAT(groups_of(dataset, split_examples(dataset, options).test),
                ElementsAre("g" + std::to_string(group)));
  }
  EXPECT_EQ(error_of([&] {
              split_examples(dataset, {.method = SplitMethod::leave_one_group_out, .fold = 4});
            }),
            "there is no group 5: g0, g1, g2 and g3; --fold goes from 1 to 4");
}

TEST(GroupSplit, SaysWhichPartHasNoGroupLeft) {
  std::mt19937 generator(5);
  const Dataset one = grouped(generator, 1), two = grouped(generator, 2);
  EXPECT_EQ(error_of([&] { split_examples(one, {}); }),
            "of one group, 'g0', no test part can be split off; give more groups, or "
            "--test-fraction 0");
  EXPECT_THAT(error_of([&] { split_examples(two, {}); }), HasSubstr("no validation part"));
  EXPECT_THAT(error_of([&] { split_examples(two, {.method = SplitMethod::kfold}); }),
              HasSubstr("5 folds need as many groups, but there are 2"));
}

TEST(GivenParts, AreThoseOfTheSplit) {
  std::mt19937 generator(6);
  Dataset dataset = grouped(generator, 30);
  for (Sequence& sequence : dataset.sequences) sequence.group.clear();
  dataset.sequences[3].given_for = GivenFor::test;
  dataset.sequences[4].given_for = GivenFor::validation;
  const Split split = split_examples(dataset, {});
  for (std::size_t i = 0; i < dataset.examples.size(); ++i) {
    const auto is_in = [&](const std::vector<int32_t>& part) {
      return std::binary_search(part.begin(), part.end(), static_cast<int32_t>(i));
    };
    const int32_t sequence = dataset.examples[i].sequence;
    EXPECT_EQ(is_in(split.test), sequence == 3);
    EXPECT_EQ(is_in(split.validation), sequence == 4);
    EXPECT_EQ(is_in(split.train), sequence != 3 && sequence != 4);
  }
}

}  // namespace
}  // namespace stroma
