// Augmentation of the training part: exact copies there, and nothing else touched.
#include "augment/reverse_complement.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "datasets/alphabet.h"
#include "kernels/error.h"

namespace stroma {
namespace {

Dataset random_dataset(std::mt19937& generator) {
  Dataset dataset;
  dataset.length = 1 + generator() % 20;
  dataset.labels = {"a", "b", "c"};
  const int32_t sequences = 2 + generator() % 5;
  for (int32_t i = 0; i < sequences; ++i) {
    std::string letters(dataset.length + 3 + generator() % 10, 'A');
    for (char& c : letters) c = "ACGTN"[generator() % 5];
    const auto last = static_cast<int32_t>(std::ssize(letters) - dataset.length);
    dataset.sequences.push_back({"s" + std::to_string(i), letters, i});
    for (int32_t offset = 0; offset <= last; ++offset) {
      dataset.examples.push_back({i, offset, i % 3});
    }
  }
  return dataset;
}

void expect_kept(const Dataset& before, const Dataset& after) {
  for (size_t i = 0; i < before.sequences.size(); ++i) {
    EXPECT_EQ(after.sequences[i].letters, before.sequences[i].letters);
  }
  for (size_t i = 0; i < before.examples.size(); ++i) {
    EXPECT_EQ(after.examples[i].sequence, before.examples[i].sequence);
    EXPECT_EQ(after.examples[i].offset, before.examples[i].offset);
    EXPECT_EQ(after.examples[i].label, before.examples[i].label);
  }
  EXPECT_EQ(after.labels, before.labels);
  EXPECT_EQ(after.length, before.length);
}

TEST(Augmentation, AddsToTheTrainingPartAloneAndChangesNothing) {
  std::mt19937 generator(1);
  for (int repeat = 0; repeat < 50; ++repeat) {
    const Dataset before = random_dataset(generator);
    const Split split = split_examples(before, {.seed = generator()});
    Dataset after = before;
    Split grown = split;
    augment_training_part(after, grown, Augmentation::reverse_complement, 1);
    expect_kept(before, after);
    EXPECT_EQ(grown.validation, split.validation);
    EXPECT_EQ(grown.test, split.test);
    ASSERT_EQ(grown.train.size(), 2 * split.train.size());
    EXPECT_TRUE(std::equal(split.train.begin(), split.train.end(), grown.train.begin()));
    EXPECT_EQ(after.examples.size(), before.examples.size() + split.train.size());
  }
}

TEST(Augmentation, ShowsWhatAltersLettersNoOtherPart) {
  // Letters of the validation and the test part that stand in no training example.
  Dataset dataset;
  dataset.length = 4;
  dataset.labels = {"a", "b"};
  dataset.sequences = {{"s", "AACCGGGGTTTT"}};
  dataset.examples = {{0, 0, 0}, {0, 4, 1}, {0, 8, 1}};
  Split split{.train = {0}, .validation = {1}, .test = {2}};
  augment_training_part(dataset, split, Augmentation::reverse_complement, 1);
  ASSERT_EQ(dataset.sequences.size(), 2u);
  EXPECT_EQ(dataset.sequences[1].letters, "GGTT");
}

TEST(Augmentation, NoneAddsNothing) {
  std::mt19937 generator(2);
  const Dataset before = random_dataset(generator);
  Dataset after = before;
  Split split = split_examples(before, {});
  const std::vector<int32_t> train = split.train;
  augment_training_part(after, split, Augmentation::none, 1);
  EXPECT_EQ(split.train, train);
  EXPECT_EQ(after.examples.size(), before.examples.size());
  EXPECT_EQ(after.sequences.size(), before.sequences.size());
}

TEST(Augmentation, HasANameThatIsReadBack) {
  for (const std::string& name : names_of<Augmentation>()) {
    EXPECT_EQ(to_string(named<Augmentation>(name)), name);
  }
  EXPECT_THROW(named<Augmentation>("mirror"), Error);
}

TEST(ReverseComplement, CopiesAreExactAndKeepTheLabel) {
  std::mt19937 generator(3);
  Dataset dataset = random_dataset(generator);
  Split split = split_examples(dataset, {});
  const std::vector<int32_t> train = split.train;
  augment_training_part(dataset, split, Augmentation::reverse_complement, 1);
  for (size_t i = 0; i < train.size(); ++i) {
    const Example& source = dataset.examples[train[i]];
    const Example& copy = dataset.examples[split.train[train.size() + i]];
    EXPECT_EQ(dataset.window(copy), reverse_complement(dataset.window(source)));
    EXPECT_EQ(copy.label, source.label);
    const Sequence& sequence = dataset.sequences[copy.sequence];
    EXPECT_EQ(sequence.id, example_id(dataset, source) + "(-)");
    EXPECT_EQ(sequence.line, dataset.sequences[source.sequence].line);
  }
}

TEST(ReverseComplement, KeepsRnaRna) {
  const std::vector<LabelledWindow> windows = {{{"r:1-6", "AACGUN"}, 0}, {{"d:1-6", "AACGTN"}, 1}};
  const std::vector<LabelledWindow> copies = reverse_complements(windows, 1);
  EXPECT_EQ(copies[0].sequence.letters, "NACGUU");
  EXPECT_EQ(copies[1].sequence.letters, "NACGTT");
  EXPECT_EQ(copies[0].sequence.id, "r:1-6(-)");
}

}  // namespace
}  // namespace stroma
