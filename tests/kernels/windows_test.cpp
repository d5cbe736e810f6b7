#include "kernels/windows.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "tests/devices.h"
#include "tests/kernels/threads.h"

namespace stroma::kernels {
namespace {

std::string random_letters(std::mt19937& random, int64_t length, std::string_view alphabet) {
  std::string letters(length, ' ');
  for (char& letter : letters) letter = alphabet[random() % alphabet.size()];
  return letters;
}

/// What the kernel gives: sequence and offset of one window after the other.
template <class Context>
std::vector<int32_t> windows_of(const Context& context, const std::vector<std::string>& sequences,
                                const WindowOptions& options) {
  std::vector<uint8_t> letters;
  std::vector<int64_t> begins = {0};
  for (const std::string& sequence : sequences) {
    letters.insert(letters.end(), sequence.begin(), sequence.end());
    begins.push_back(std::ssize(letters));
  }
  const int64_t room = room_for_windows(std::ssize(sequences), begins.data(), options.length);
  test::Array codes(context, letters);
  test::Array places(context, std::vector<int32_t>(2 * room, -1));
  test::Array count(context, std::vector<int64_t>{-1});
  windows(context, {.options = options,
                    .sequences = std::ssize(sequences),
                    .begins = begins.data(),
                    .letters = codes.data(),
                    .places = places.data(),
                    .count = count.data()});
  std::vector<int32_t> found = places.host();
  found.resize(2 * count.host()[0]);
  return found;
}

/// The published rule, letter by letter: sets of strings and nothing clever.
std::vector<int32_t> windows_by_strings(const std::vector<std::string>& sequences,
                                        const WindowOptions& options) {
  const int64_t length = options.length;
  std::vector<int32_t> places;
  for (size_t s = 0; s < sequences.size(); ++s) {
    const std::string& sequence = sequences[s];
    const int64_t last = std::ssize(sequence) - length;
    std::set<std::string> regular, shared, taken;
    for (int64_t overlap = options.min_overlap; overlap <= options.max_overlap; ++overlap) {
      for (const int64_t start : {int64_t{0}, overlap, overlap / 2}) {
        for (int64_t offset = start; offset <= last; offset += length - overlap) {
          regular.insert(sequence.substr(offset, length));
        }
      }
    }
    const auto each_shared = [&](const std::string& window, auto f) {
      for (int64_t i = 0; i + options.min_shared <= length; ++i) {
        f(window.substr(i, options.min_shared));
      }
    };
    for (const std::string& window : regular) {
      taken.insert(window);
      each_shared(window, [&](const std::string& text) { shared.insert(text); });
    }
    for (int64_t offset = 0; offset <= last; ++offset) {
      const std::string window = sequence.substr(offset, length);
      each_shared(window, [&](const std::string& text) {
        if (shared.contains(text)) taken.insert(window);
      });
    }
    for (int64_t offset = 0; offset <= last; ++offset) {
      if (taken.erase(sequence.substr(offset, length)) == 0) continue;
      places.push_back(static_cast<int32_t>(s));
      places.push_back(static_cast<int32_t>(offset));
    }
  }
  return places;
}

WindowOptions random_options(std::mt19937& random, int64_t most_length) {
  WindowOptions options;
  options.length = 1 + random() % most_length;
  options.min_overlap = random() % options.length;
  options.max_overlap = options.min_overlap + random() % (options.length - options.min_overlap);
  options.min_shared = 1 + random() % (options.length + 2);
  return options;
}

TEST(Windows, EqualThePublishedRuleByStrings) {
  test::on_each_device([]<class T>(const auto& context, T) {
    std::mt19937 random(1);
    int64_t some_left_out = 0, some_repeated = 0, partly = 0;
    for (int trial = 0; trial < 400; ++trial) {
      WindowOptions options = random_options(random, trial % 4 == 0 ? 90 : 20);
      if (trial % 2 == 0) {  // few windows in step 1, and few that share enough with them
        options.min_overlap /= 4;
        options.max_overlap /= 4;
        options.min_shared = std::max<int64_t>(1, options.length - random() % 3);
      }
      const std::string_view alphabets[] = {"A", "AC", "ACGT", {"\0\1\x7f\x80\xff", 5}};
      std::vector<std::string> sequences(random() % 5);
      for (std::string& sequence : sequences) {
        sequence = random_letters(random, random() % 150, alphabets[random() % 4]);
      }
      const std::vector<int32_t> expected = windows_by_strings(sequences, options);
      ASSERT_EQ(windows_of(context, sequences, options), expected) << "trial " << trial;

      WindowOptions all = options;
      all.min_shared = 1;
      const size_t distinct = windows_by_strings(sequences, all).size();
      size_t offsets = 0;
      for (const std::string& sequence : sequences) {
        offsets += std::max<int64_t>(0, std::ssize(sequence) - options.length + 1);
      }
      some_left_out += expected.size() < distinct;
      some_repeated += distinct < 2 * offsets;
      partly += !takes_every_window(options);
    }
    EXPECT_GT(some_left_out, 40);  // so that the comparison means something
    EXPECT_GT(some_repeated, 40);
    EXPECT_GT(partly, 40);
  });
}

TEST(Windows, OfOneLetterAreTheDistinctLetters) {
  test::on_each_device([]<class T>(const auto& context, T) {
    EXPECT_EQ(windows_of(context, {"ACCAGT", "", "TT"}, {1, 0, 0, 1}),
              (std::vector<int32_t>{0, 0, 0, 1, 0, 4, 0, 5, 2, 0}));
  });
}

TEST(Windows, AreNoneWhereNoSequenceIsLongEnough) {
  test::on_each_device([]<class T>(const auto& context, T) {
    EXPECT_TRUE(windows_of(context, {}, {}).empty());
    EXPECT_TRUE(windows_of(context, {"", std::string(39, 'A')}, {}).empty());
    EXPECT_EQ(windows_of(context, {"", std::string(39, 'A'), std::string(40, 'A')}, {}),
              (std::vector<int32_t>{2, 0}));
  });
}

/// Sequences of which some are too long for one block of a GPU, with much that repeats.
std::vector<std::string> long_sequences(std::mt19937& random) {
  std::vector<std::string> sequences;
  for (const int64_t length : {300, 20011, 5, 19000, 1995}) {
    const std::string half = random_letters(random, length / 2, "ACGT");
    sequences.push_back(half + random_letters(random, length % 2, "A") + half);
  }
  sequences[3] = std::string(9000, 'A') + sequences[3];
  return sequences;
}

TEST(Windows, AreTheCpusForLongSequences) {
  std::mt19937 random(2);
  const std::vector<std::string> sequences = long_sequences(random);
  for (const WindowOptions& options :
       {WindowOptions{},
        {.length = 41, .min_overlap = 0, .max_overlap = 1, .min_shared = 38},
        {.length = 301, .min_overlap = 7, .max_overlap = 9, .min_shared = 290}}) {
    const std::vector<int32_t> expected = windows_of(Cpu{}, sequences, options);
    test::on_each_device([&]<class T>(const auto& context, T) {
      EXPECT_EQ(windows_of(context, sequences, options), expected) << options.length;
    });
  }
}

TEST(Windows, DoNotDependOnTheOrderOfThreads) {
  std::mt19937 random(3);
  std::vector<std::string> sequences;
  for (int i = 0; i < 3; ++i) sequences.push_back(random_letters(random, 200, "AC"));
  test::on_each_device([&]<class T>(const auto& context, T) {
    for (const WindowOptions& options : {WindowOptions{6, 2, 3, 3}, {6, 0, 1, 5}}) {
      const auto results = test::with_thread_orders(
          context, [&] { return windows_of(context, sequences, options); });
      EXPECT_EQ(results[1], results[0]);
      EXPECT_EQ(results[2], results[0]);
    }
  });
}

TEST(WindowOptions, ThatTakeEveryWindowTakeItByTheRule) {
  std::mt19937 random(4);
  for (int trial = 0; trial < 200; ++trial) {
    WindowOptions options = random_options(random, 20);
    options.min_shared = std::min(options.min_shared, options.max_overlap + 1);
    ASSERT_TRUE(takes_every_window(options));
    std::string distinct_letters;
    for (int i = 0; i < 20 + trial; ++i) distinct_letters += static_cast<char>(i);
    const int64_t all = std::ssize(distinct_letters) - options.length + 1;
    EXPECT_EQ(std::ssize(windows_by_strings({distinct_letters}, options)), 2 * all);
  }
}

}  // namespace
}  // namespace stroma::kernels
