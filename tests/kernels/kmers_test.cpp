#include "kernels/kmers.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "tests/devices.h"
#include "tests/kernels/threads.h"

namespace stroma::kernels {
namespace {

using Codes = std::vector<uint8_t>;
using Table = std::vector<std::pair<uint64_t, int64_t>>;  // k-mers ascending, counts
constexpr uint8_t no_letter = 255;

/// Sequences end to end, each followed by a code that is no letter, and where they begin.
struct Text {
  explicit Text(const std::vector<Codes>& sequences) {
    for (const Codes& sequence : sequences) {
      codes.insert(codes.end(), sequence.begin(), sequence.end());
      codes.push_back(no_letter);
      starts.push_back(static_cast<int64_t>(codes.size()));
    }
  }
  Codes codes;
  std::vector<int64_t> starts = {0};
};

/// Sequences of random letters, some of them none, with runs of one letter and copies of earlier
/// parts, so that k-mers of any length repeat.
std::vector<Codes> random_sequences(const std::vector<int64_t>& lengths, int alphabet_size,
                                    std::mt19937& random) {
  std::vector<Codes> sequences;
  Codes before;
  for (const int64_t length : lengths) {
    Codes sequence;
    while (std::ssize(sequence) < length) {
      const uint32_t kind = random() % 64, part = 1 + random() % 50;
      if (kind == 0) sequence.push_back(static_cast<uint8_t>(alphabet_size + random() % 2));
      if (kind == 1) sequence.insert(sequence.end(), part, random() % alphabet_size);
      if (kind == 2 && before.size() > part) {
        const auto begin = before.begin() + static_cast<int64_t>(random() % (before.size() - part));
        sequence.insert(sequence.end(), begin, begin + part);
      }
      if (kind > 2) sequence.push_back(random() % alphabet_size);
    }
    sequence.resize(length);
    before.insert(before.end(), sequence.begin(), sequence.end());
    sequences.push_back(std::move(sequence));
  }
  return sequences;
}

/// The k-mers of one sequence and how often each occurs, letter by letter.
std::map<std::string, int64_t> naive_counts(const Codes& sequence, int k, int alphabet_size,
                                            bool canonical) {
  std::map<std::string, int64_t> counts;
  for (int64_t p = 0; p + k <= std::ssize(sequence); ++p) {
    std::string kmer(sequence.begin() + p, sequence.begin() + p + k);
    const auto is_letter = [&](char code) { return static_cast<uint8_t>(code) < alphabet_size; };
    if (!std::all_of(kmer.begin(), kmer.end(), is_letter)) continue;
    if (canonical) {
      std::string reverse(kmer.rbegin(), kmer.rend());
      for (char& code : reverse) code = static_cast<char>(3 - code);
      kmer = std::min(kmer, reverse);
    }
    ++counts[kmer];
  }
  return counts;
}

Table naive_table(const std::vector<Codes>& sequences, int k, int alphabet_size, bool canonical) {
  std::map<std::string, int64_t> counts;
  for (const Codes& sequence : sequences) {
    for (const auto& [kmer, count] : naive_counts(sequence, k, alphabet_size, canonical)) {
      counts[kmer] += count;
    }
  }
  Table table;
  for (const auto& [kmer, count] : counts) {
    uint64_t packed = 0;
    for (const char code : kmer) {
      packed = packed << kmer_letter_bits(alphabet_size) | static_cast<uint8_t>(code);
    }
    table.emplace_back(packed, count);
  }
  return table;
}

template <class Context>
Table table_of(const Context& context, const Codes& text, int k, int alphabet_size,
               bool canonical) {
  test::Array codes(context, text);
  test::Array kmers(context, std::vector<uint64_t>(text.size()));
  test::Array counts(context, std::vector<int64_t>(text.size())),
      distinct(context, std::vector<int64_t>{-1});
  count_kmers(context, {.text = {.codes = codes.data(),
                                 .count = static_cast<int64_t>(text.size()),
                                 .alphabet_size = alphabet_size},
                        .k = k,
                        .canonical = canonical,
                        .kmers = kmers.data(),
                        .counts = counts.data(),
                        .distinct = distinct.data()});
  Table table;
  const std::vector<uint64_t> all_kmers = kmers.host();
  const std::vector<int64_t> all_counts = counts.host();
  for (int64_t i = 0; i < distinct.host()[0]; ++i) table.emplace_back(all_kmers[i], all_counts[i]);
  return table;
}

/// Calls f(context) on the CPU and on the GPU or its emulator.
template <class F>
void on_each(F&& f) {
  test::on_each_device([&]<class T>(const auto& context, T) {
    if constexpr (std::is_same_v<T, float>) f(context);
  });
}

TEST(CountKmers, AreThoseOfAPlainLoopForEveryK) {
  std::mt19937 random(1);
  for (int k = 1; k <= longest_kmer(4); ++k) {
    SCOPED_TRACE(k);
    const auto sequences = random_sequences({0, 1, k - 1, k, k + 1, 997, 4000}, 4, random);
    const Text text(sequences);
    for (const bool canonical : {false, true}) {
      const Table expected = naive_table(sequences, k, 4, canonical);
      on_each([&](const auto& context) {
        EXPECT_EQ(table_of(context, text.codes, k, 4, canonical), expected) << canonical;
      });
    }
  }
}

TEST(CountKmers, OfAminoAcids) {
  std::mt19937 random(2);
  for (int k = 1; k <= longest_kmer(20); ++k) {
    SCOPED_TRACE(k);
    const auto sequences = random_sequences({0, k, 300, 1999}, 20, random);
    const Text text(sequences);
    on_each([&](const auto& context) {
      EXPECT_EQ(table_of(context, text.codes, k, 20, false), naive_table(sequences, k, 20, false));
    });
  }
}

TEST(CountKmers, OfNoLettersAreNone) {
  on_each([](const auto& context) {
    for (const int k : {1, 9, 31}) {
      EXPECT_EQ(table_of(context, {}, k, 4, true), Table{});
      EXPECT_EQ(table_of(context, Codes(100, no_letter), k, 4, true), Table{});
    }
  });
}

/// More letters than a chunk or a bucket holds, most k-mers in one bucket, counts past 16 bits.
TEST(CountKmers, OfManyLettersMostOfThemAlike) {
  std::mt19937 random(3);
  for (const int k : {1, 8, 9, 12, 13, 31}) {
    SCOPED_TRACE(k);
    auto sequences = random_sequences({150001, 70000}, 4, random);
    sequences.emplace_back(100000, 3);
    const Text text(sequences);
    const Table expected = naive_table(sequences, k, 4, false);
    EXPECT_GT(expected.back().second, 99000);  // the k-mer of T alone
    on_each([&](const auto& context) {
      EXPECT_EQ(table_of(context, text.codes, k, 4, false), expected);
    });
  }
}

TEST(CountKmers, DoNotDependOnTheOrderOfThreads) {
  std::mt19937 random(4);
  const Text text(random_sequences({600011}, 4, random));
  for (const int k : {4, 11, 21}) {
    const Table expected = table_of(Cpu{}, text.codes, k, 4, true);
    for (const Table& table :
         test::with_thread_counts([&] { return table_of(Cpu{}, text.codes, k, 4, true); })) {
      EXPECT_EQ(table, expected) << k;
    }
  }
}

struct Tile {
  int64_t rows, first_column;
  int min_k, max_k;
};

int64_t naive_shared(const Codes& a, const Codes& b, int alphabet_size, const Tile& tile) {
  int64_t shared = 0;
  for (int k = tile.min_k; k <= tile.max_k; ++k) {
    const auto others = naive_counts(b, k, alphabet_size, false);
    for (const auto& [kmer, count] : naive_counts(a, k, alphabet_size, false)) {
      const auto other = others.find(kmer);
      if (other != others.end()) shared += std::min(count, other->second);
    }
  }
  return shared;
}

std::vector<int64_t> naive_matrix(const std::vector<Codes>& sequences, int alphabet_size,
                                  const Tile& tile) {
  std::vector<int64_t> matrix;
  for (int64_t r = 0; r < tile.rows; ++r) {
    for (int64_t c = tile.first_column; c < std::ssize(sequences); ++c) {
      matrix.push_back(c <= r ? 0 : naive_shared(sequences[r], sequences[c], alphabet_size, tile));
    }
  }
  return matrix;
}

template <class Context>
std::vector<int64_t> matrix_of(const Context& context, const Text& text, int alphabet_size,
                               const Tile& tile) {
  test::Array codes(context, text.codes);
  test::Array starts(context, text.starts);
  const int64_t sequences = std::ssize(text.starts) - 1;
  test::Array shared(context,
                     std::vector<int64_t>(tile.rows * (sequences - tile.first_column), -1));
  shared_kmers(context, {.text = {.codes = codes.data(),
                                  .count = static_cast<int64_t>(text.codes.size()),
                                  .alphabet_size = alphabet_size},
                         .starts = starts.data(),
                         .sequences = sequences,
                         .rows = tile.rows,
                         .first_column = tile.first_column,
                         .min_k = tile.min_k,
                         .max_k = tile.max_k,
                         .shared = shared.data()});
  return shared.host();
}

TEST(SharedKmers, AreThoseOfAPlainLoop) {
  std::mt19937 random(5);
  const auto check = [&](int alphabet_size, const std::vector<Tile>& tiles) {
    for (const Tile& tile : tiles) {
      SCOPED_TRACE(testing::Message()
                   << tile.rows << " " << tile.first_column << " " << tile.min_k);
      const auto sequences =
          random_sequences({300, 0, 1, tile.min_k, 301, 997, 150}, alphabet_size, random);
      const Text text(sequences);
      on_each([&](const auto& context) {
        EXPECT_EQ(matrix_of(context, text, alphabet_size, tile),
                  naive_matrix(sequences, alphabet_size, tile));
      });
    }
  };
  check(4, {{7, 0, 5, 12}, {3, 3, 1, 6}, {7, 0, 31, 31}, {1, 6, 12, 13}, {5, 2, 3, 9}});
  check(20, {{7, 0, 1, 4}, {4, 4, 12, 12}});
}

/// Some hundred sequences: posting lists longer than a warp, more columns than a block has threads.
TEST(SharedKmers, OfManySequences) {
  std::mt19937 random(6);
  const auto sequences = random_sequences(std::vector<int64_t>(280, 40), 4, random);
  const Text text(sequences);
  for (const Tile& tile : {Tile{280, 0, 2, 4}, Tile{5, 5, 1, 3}}) {
    const auto expected = naive_matrix(sequences, 4, tile);
    on_each([&](const auto& context) { EXPECT_EQ(matrix_of(context, text, 4, tile), expected); });
  }
}

/// Each k-mer of the one letter is in both sequences as often as fits: Σ (length + 1 − k).
TEST(SharedKmers, AddUpOverLongSequencesOfOneLetter) {
  const int64_t length = 300000;
  const Text text({Codes(length, 2), Codes(length + 5, 2)});
  on_each([&](const auto& context) {
    EXPECT_EQ(matrix_of(context, text, 4, {1, 1, 10, 12}),
              std::vector<int64_t>{3 * (length + 1) - (10 + 11 + 12)});
  });
}

TEST(SharedKmers, DoNotDependOnTheOrderOfThreads) {
  std::mt19937 random(7);
  const auto sequences = random_sequences(std::vector<int64_t>(40, 90), 4, random);
  const Text text(sequences);
  const Tile tile{40, 0, 2, 8};
  const auto expected = naive_matrix(sequences, 4, tile);
  on_each([&](const auto& context) {
    const auto results =
        test::with_thread_orders(context, [&] { return matrix_of(context, text, 4, tile); });
    for (const auto& matrix : results) EXPECT_EQ(matrix, expected);
  });
}

}  // namespace
}  // namespace stroma::kernels
