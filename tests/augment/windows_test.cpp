#include "augment/windows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <sstream>

#include "datasets/fasta.h"
#include "datasets/labelled_csv.h"
#include "tests/datasets/files.h"
#include "tests/tensors.h"

namespace stroma {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string random_letters(std::mt19937& generator, int64_t length, std::string_view alphabet) {
  std::string letters;
  for (int64_t i = 0; i < length; ++i) letters += alphabet[generator() % alphabet.size()];
  return letters;
}

// The published rule, letter by letter: sets of strings and nothing clever.
std::set<std::string> windows_by_strings(const std::string& sequence,
                                         const WindowOptions& options) {
  const int64_t length = options.length, last = std::ssize(sequence) - length;
  std::set<std::string> regular;
  for (int64_t overlap = options.min_overlap; overlap <= options.max_overlap; ++overlap) {
    for (const int64_t start : {int64_t{0}, overlap, overlap / 2}) {
      for (int64_t offset = start; offset <= last; offset += length - overlap) {
        regular.insert(sequence.substr(offset, length));
      }
    }
  }
  std::set<std::string> windows = regular;
  for (int64_t offset = 0; offset <= last; ++offset) {
    const std::string window = sequence.substr(offset, length);
    for (int64_t i = 0; i + options.min_shared <= length; ++i) {
      const std::string shared = window.substr(i, options.min_shared);
      for (const std::string& taken : regular) {
        if (taken.find(shared) != std::string::npos) windows.insert(window);
      }
    }
  }
  return windows;
}

TEST(WindowOffsets, EqualThePublishedRuleByStrings) {
  std::mt19937 generator(1);
  int64_t some_left_out = 0, some_repeated = 0;
  for (int trial = 0; trial < 2000; ++trial) {
    WindowOptions options;
    options.length = 1 + generator() % 20;
    options.min_overlap = generator() % options.length;
    options.max_overlap =
        options.min_overlap + generator() % (options.length - options.min_overlap);
    options.min_shared = 1 + generator() % (options.length + 2);
    const std::string sequence = random_letters(generator, options.length + generator() % 60,
                                                trial % 3 == 0 ? "AC" : "ACGT");

    const std::vector<int32_t> offsets = window_offsets(sequence, options);
    std::set<std::string> windows;
    for (const int32_t offset : offsets) {
      const std::string window = sequence.substr(offset, options.length);
      windows.insert(window);
      EXPECT_EQ(sequence.find(window), static_cast<size_t>(offset));
    }
    EXPECT_EQ(windows, windows_by_strings(sequence, options)) << sequence;
    EXPECT_EQ(windows.size(), offsets.size());
    EXPECT_TRUE(std::is_sorted(offsets.begin(), offsets.end()));

    WindowOptions all = options;
    all.min_overlap = all.max_overlap = options.length - 1;
    const size_t distinct = window_offsets(sequence, all).size();
    some_left_out += offsets.size() < distinct;
    some_repeated += distinct < sequence.size() - options.length + 1;
  }
  EXPECT_GT(some_left_out, 100);  // so that the comparison means something
  EXPECT_GT(some_repeated, 100);
}

TEST(WindowOffsets, AreAllOffsetsByDefault) {
  std::mt19937 generator(2);
  for (const int64_t length : {40, 41, 55, 79, 112, 300, 1995}) {
    const std::string sequence = random_letters(generator, length, "ACDEFGHIKLMNPQRSTVWY");
    std::vector<int32_t> all(length - 39);
    for (size_t i = 0; i < all.size(); ++i) all[i] = static_cast<int32_t>(i);
    EXPECT_EQ(window_offsets(sequence, {}), all);
  }
}

TEST(WindowOffsets, DropRepeatsWithinTheSequence) {
  EXPECT_THAT(window_offsets("ACGACGACGT", {3, 1, 2, 3}), ElementsAre(0, 1, 2, 7));
  EXPECT_THAT(window_offsets(std::string(300, 'A'), {}), ElementsAre(0));
}

TEST(WindowOffsets, CompareWithRegularWindowsOnly) {
  // Without overlap, offsets 0 and 4 are regular; their neighbours share 3 of 4 letters with them.
  // Nothing reaches offsets 2 and 6, though they share 3 letters with 1, 3 and 5.
  EXPECT_THAT(window_offsets("ACGTEFHIKL", {4, 0, 0, 3}), ElementsAre(0, 1, 3, 4, 5));
  EXPECT_THAT(window_offsets("ACGTEFHIKL", {4, 0, 0, 2}), ElementsAre(0, 1, 2, 3, 4, 5, 6));
  EXPECT_THAT(window_offsets("ACGTEFHIKL", {4, 0, 0, 5}), ElementsAre(0, 4));
  // Text counts, not place: the GTE of offset 7 also stands in no regular window, its HIK does not.
  EXPECT_THAT(window_offsets("ACGTEFHIKLACGW", {4, 0, 0, 3}),
              ElementsAre(0, 1, 3, 4, 5, 7, 8, 9, 10));
}

TEST(WindowOffsets, ManageALongRepetitiveSequence) {
  std::mt19937 generator(3);
  const std::string half = random_letters(generator, 500000, "CGT");
  const std::string sequence = half + std::string(500000, 'A') + half;
  // Of the windows of `half` 500000 - 39, 39 that end in and 39 that begin with A, one of A alone.
  const size_t distinct = 500000 - 39 + 39 + 39 + 1;
  EXPECT_NEAR(window_offsets(sequence, {}).size(), distinct, 0.5);
}

TEST(WindowOffsets, RefuseWhatIsNoWindow) {
  const std::string sequence(100, 'A');
  EXPECT_THROW(window_offsets(sequence, {0, 0, 0, 1}), Error);
  EXPECT_THROW(window_offsets(sequence, {40, -1, 20, 15}), Error);
  EXPECT_THROW(window_offsets(sequence, {40, 21, 20, 15}), Error);
  EXPECT_THROW(window_offsets(sequence, {40, 5, 40, 15}), Error);
  EXPECT_THROW(window_offsets(sequence, {40, 5, 20, 0}), Error);
  EXPECT_THROW(window_offsets(std::string(39, 'A'), {}), Error);
}

TEST(WindowsDataset, HasNoExampleOfASequenceShorterThanAWindow) {
  const Dataset dataset =
      windows_dataset(labelled_by_id({{"a", "ACG"}, {"b", "AC"}, {"c", "CGT"}}), {3, 0, 0, 3});
  ASSERT_EQ(dataset.examples.size(), 2u);
  EXPECT_EQ(dataset.sequences.size(), 3u);
  EXPECT_EQ(dataset.examples[1].sequence, 2);
  EXPECT_THROW(windows_dataset({}, {}), Error);
}

TEST(WindowsDataset, GathersWhatHasOneLabelInOneClass) {
  const Dataset dataset =
      windows_dataset(LabelledSequences{{{"rbcL_1", "ACG"}, {"psbA", "CCC"}, {"rbcL_2", "ACG"}},
                                        {"rbcL", "psbA", "rbcL"}},
                      {3, 0, 0, 3});
  EXPECT_THAT(dataset.labels, ElementsAre("psbA", "rbcL"));
  ASSERT_EQ(dataset.examples.size(), 3u);  // a repeat in another sequence stays
  EXPECT_EQ(dataset.examples[0].label, 1);
  EXPECT_EQ(dataset.examples[1].label, 0);
  EXPECT_EQ(dataset.examples[2].label, 1);
  std::ostringstream csv;
  write_windows_csv(csv, dataset);
  EXPECT_EQ(csv.str(), "ACG, rbcL\nCCC, psbA\nACG, rbcL\n");
}

TEST(WindowsDataset, IsTheSameOnEveryDevice) {
  std::mt19937 generator(4);
  LabelledSequences labelled;
  for (int i = 0; i < 20; ++i) {
    labelled.labels.emplace_back(i % 2 == 0 ? "even" : "odd");
    labelled.sequences.push_back(
        {labelled.labels.back(), random_letters(generator, 30 + generator() % 100, "AC")});
  }
  const WindowOptions options{12, 2, 4, 9};
  const Dataset expected = windows_dataset(labelled, options);
  for (const Device& device : test::devices()) {
    const Dataset dataset = windows_dataset(labelled, options, device);
    ASSERT_EQ(dataset.examples.size(), expected.examples.size());
    for (size_t i = 0; i < expected.examples.size(); ++i) {
      EXPECT_EQ(dataset.window(dataset.examples[i]), expected.window(expected.examples[i]));
      EXPECT_EQ(dataset.examples[i].offset, expected.examples[i].offset);
      EXPECT_EQ(dataset.examples[i].label, expected.examples[i].label);
    }
  }
}

std::multiset<std::pair<std::string, std::string>> as_set(const LabelledSequences& labelled) {
  std::multiset<std::pair<std::string, std::string>> set;
  for (size_t i = 0; i < labelled.labels.size(); ++i) {
    set.emplace(labelled.sequences[i].letters, labelled.labels[i]);
  }
  return set;
}

TEST(WindowsDataset, EqualsThePublishedScriptsOutput) {
  const auto data = real_data();
  if (!data) GTEST_SKIP() << "no real data: set STROMA_DATA to its folder";
  for (const auto& [genome, count] : {std::pair("NC_005353.1", 26082), {"NC_000932.1", 28188}}) {
    const std::filesystem::path folder = *data / "../expected" / genome;
    for (const Device& device : test::devices()) {
      const Dataset dataset = windows_dataset(
          labelled_by_id(read_fasta(folder / "upstream300.by-name.fasta")), {}, device);
      std::ostringstream csv;
      write_windows_csv(csv, dataset);
      EXPECT_EQ(std::ssize(dataset.examples), count);
      EXPECT_EQ(as_set(parse_labelled_csv(csv.str(), "windows")),
                as_set(read_labelled_csv(folder / "windows40.csv")));
    }
  }
}

}  // namespace
}  // namespace stroma
