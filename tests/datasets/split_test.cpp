#include "datasets/split.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <set>

#include "tests/datasets/files.h"

namespace stroma {
namespace {

using testing::HasSubstr;

// A dataset with the given number of examples of each class, in mixed order.
Dataset dataset_of(const std::vector<int>& class_sizes) {
  Dataset dataset;
  dataset.sequences = {{"s", "A"}};
  dataset.length = 1;
  for (size_t label = 0; label < class_sizes.size(); ++label) {
    dataset.labels.push_back("class" + std::to_string(label));
    for (int i = 0; i < class_sizes[label]; ++i) {
      dataset.examples.push_back({0, 0, static_cast<int32_t>(label)});
    }
  }
  std::shuffle(dataset.examples.begin(), dataset.examples.end(), std::mt19937(1));
  return dataset;
}

std::vector<int64_t> counts(const Dataset& dataset, const std::vector<int32_t>& part) {
  std::vector<int64_t> result(dataset.labels.size());
  for (const int32_t i : part) ++result[dataset.examples[i].label];
  return result;
}

void expect_partition(const Dataset& dataset, const Split& split) {
  std::set<int32_t> all;
  size_t sizes = 0;
  for (const auto* part : {&split.train, &split.validation, &split.test}) {
    EXPECT_TRUE(std::is_sorted(part->begin(), part->end()));
    all.insert(part->begin(), part->end());
    sizes += part->size();
  }
  EXPECT_EQ(sizes, dataset.examples.size());
  EXPECT_EQ(all.size(), dataset.examples.size());
}

std::string message_of(const Dataset& dataset, const SplitOptions& options) {
  return error_of([&] { split_examples(dataset, options); });
}

TEST(RandomSplit, HasScikitLearnsSizes) {
  // train_test_split(test_size=0.2), then test_size=0.1 on the rest.
  const std::vector<std::vector<size_t>> sizes = {
      {100, 72, 8, 20}, {101, 72, 8, 21}, {7, 4, 1, 2}, {26082, 18778, 2087, 5217}, {3, 1, 1, 1}};
  for (const auto& expected : sizes) {
    const int half = static_cast<int>(expected[0] / 2);
    const Dataset dataset = dataset_of({half, static_cast<int>(expected[0]) - half});
    const Split split = split_examples(dataset, {});
    expect_partition(dataset, split);
    EXPECT_EQ(split.train.size(), expected[1]);
    EXPECT_EQ(split.validation.size(), expected[2]);
    EXPECT_EQ(split.test.size(), expected[3]);
  }
}

TEST(RandomSplit, DependsOnTheSeedAlone) {
  const Dataset dataset = dataset_of({50, 60});
  const Split split = split_examples(dataset, {.seed = 42});
  EXPECT_EQ(split.test, split_examples(dataset, {.seed = 42}).test);
  EXPECT_NE(split.test, split_examples(dataset, {.seed = 43}).test);
}

TEST(RandomSplit, TakesOneExampleAClass) {  // the study without augmentation
  expect_partition(dataset_of(std::vector<int>(100, 1)),
                   split_examples(dataset_of(std::vector<int>(100, 1)), {}));
}

TEST(StratifiedSplit, GivesEachClassItsShare) {
  std::mt19937 generator(3);
  for (int trial = 0; trial < 200; ++trial) {
    std::vector<int> sizes(2 + generator() % 10);
    for (int& size : sizes) size = 20 + static_cast<int>(generator() % 200);
    const Dataset dataset = dataset_of(sizes);
    const SplitOptions options{.method = SplitMethod::stratified,
                               .test_fraction = 0.2,
                               .validation_fraction = 0.1,
                               .seed = generator()};
    const Split split = split_examples(dataset, options);
    expect_partition(dataset, split);
    const auto total = static_cast<double>(dataset.examples.size());
    EXPECT_EQ(std::ssize(split.test), std::ceil(total * 0.2));
    EXPECT_EQ(std::ssize(split.validation), std::ceil((total - std::ceil(total * 0.2)) * 0.1));
    for (size_t label = 0; label < sizes.size(); ++label) {
      const double share = sizes[label] * static_cast<double>(split.test.size()) / total;
      const auto in_test = static_cast<double>(counts(dataset, split.test)[label]);
      EXPECT_LT(std::abs(in_test - share), 1);
      const double rest = sizes[label] - in_test;
      const double validation_share = rest * static_cast<double>(split.validation.size()) /
                                      (total - static_cast<double>(split.test.size()));
      EXPECT_LT(std::abs(static_cast<double>(counts(dataset, split.validation)[label]) -
                         validation_share),
                1);
    }
  }
}

TEST(StratifiedSplit, TakesEachExampleAsOften) {
  const Dataset dataset = dataset_of({10, 15});
  std::vector<int> hits(25);
  for (uint64_t seed = 0; seed < 1000; ++seed) {
    const SplitOptions options{
        .method = SplitMethod::stratified, .validation_fraction = 0, .seed = seed};
    for (const int32_t i : split_examples(dataset, options).test) ++hits[i];
  }
  // Each with probability 1/5: mean 200, standard deviation 12.6; six of them to either side.
  for (const int hit : hits) EXPECT_NEAR(hit, 200, 76);
}

TEST(KFold, TestsEachExampleOnce) {
  const Dataset dataset = dataset_of({5, 7, 23, 41});
  std::vector<int32_t> tested;
  for (int fold = 0; fold < 5; ++fold) {
    const SplitOptions options{.method = SplitMethod::kfold,
                               .validation_fraction = 0.25,
                               .folds = 5,
                               .fold = fold,
                               .seed = 9};
    const Split split = split_examples(dataset, options);
    expect_partition(dataset, split);
    const std::vector<int64_t> in_test = counts(dataset, split.test);
    const std::vector<int> sizes = {5, 7, 23, 41};
    for (size_t label = 0; label < sizes.size(); ++label) {
      EXPECT_GE(in_test[label], sizes[label] / 5);
      EXPECT_LE(in_test[label], sizes[label] / 5 + 1);
      EXPECT_GE(counts(dataset, split.validation)[label], 1);
    }
    tested.insert(tested.end(), split.test.begin(), split.test.end());
  }
  std::sort(tested.begin(), tested.end());
  ASSERT_EQ(tested.size(), dataset.examples.size());
  EXPECT_TRUE(std::unique(tested.begin(), tested.end()) == tested.end());
}

TEST(SplitExamples, AllowsNoTestOrValidationPart) {
  const Dataset dataset = dataset_of({4, 4});
  for (const SplitMethod method : {SplitMethod::random, SplitMethod::stratified}) {
    const Split split =
        split_examples(dataset, {.method = method, .test_fraction = 0, .validation_fraction = 0});
    EXPECT_EQ(split.train.size(), 8u);
  }
}

TEST(SplitExamples, NamesTheClassThatIsTooSmall) {
  EXPECT_THAT(
      message_of(dataset_of({2, 40}), {.method = SplitMethod::stratified}),
      HasSubstr("class 'class0' has 2 examples, too few for a stratified test part of 20 %, "
                "which needs 5"));
  EXPECT_THAT(message_of(dataset_of({100, 5}), {.method = SplitMethod::stratified}),
              HasSubstr("class 'class1' has 4 examples, too few for a stratified validation part "
                        "of 10 %, which needs 10"));
  EXPECT_THAT(
      message_of(dataset_of({1, 40}), {.method = SplitMethod::stratified, .test_fraction = 0.9}),
      HasSubstr("class 'class0' has 1 example,"));
  EXPECT_THAT(message_of(dataset_of({4, 40}), {.method = SplitMethod::kfold}),
              HasSubstr("class 'class0' has 4 examples, too few for 5 folds"));
}

TEST(SplitExamples, RefusesWhatCannotBeSplit) {
  const Dataset dataset = dataset_of({20, 20});
  EXPECT_THAT(message_of(dataset_of({20}), {}), HasSubstr("all examples have the label 'class0'"));
  EXPECT_THAT(message_of(dataset_of({}), {}), HasSubstr("no example"));
  EXPECT_THAT(message_of(dataset_of({1, 1}), {}),
              AllOf(HasSubstr("leave none to train on"), HasSubstr("--test-fraction")));
  EXPECT_THAT(message_of(dataset, {.test_fraction = 1}), HasSubstr("less than 1"));
  EXPECT_THAT(message_of(dataset, {.validation_fraction = -0.1}), HasSubstr("at least 0"));
  EXPECT_THAT(message_of(dataset, {.test_fraction = std::nan("")}), HasSubstr("at least 0"));
  EXPECT_THAT(message_of(dataset, {.method = SplitMethod::kfold, .folds = 1}),
              HasSubstr("1 folds"));
  EXPECT_THAT(message_of(dataset, {.method = SplitMethod::kfold, .folds = 5, .fold = 5}),
              HasSubstr("numbered 0 to 4"));
}

}  // namespace
}  // namespace stroma
