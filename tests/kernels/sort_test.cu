#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>
#include <vector>

#include "kernels/cuda/sort.h"
#include "kernels/cuda/stream.h"
#include "tests/devices.h"

namespace stroma::kernels {
namespace {

constexpr int64_t counts[] = {0, 1, 2, 33, 1000, 20011};

/// Keys of which many are equal in most of their bits.
std::vector<uint64_t> random_keys(int64_t count, std::mt19937_64& random) {
  std::vector<uint64_t> keys(count);
  for (uint64_t& key : keys) key = random() & random() & random() & 0xf0f00000f0f00f0f;
  return keys;
}

std::vector<uint32_t> places_of(int64_t count) {
  std::vector<uint32_t> places(count);
  std::iota(places.begin(), places.end(), 0u);
  return places;
}

/// The places of `keys` in the order of bits [begin_bit, end_bit), equal ones as they were.
std::vector<uint32_t> sorted_places(const std::vector<uint64_t>& keys, int begin_bit, int end_bit) {
  const auto bits_of = [&](uint32_t i) {
    uint64_t bits = 0;
    for (int bit = begin_bit; bit < end_bit; ++bit) bits |= keys[i] & uint64_t{1} << bit;
    return bits;
  };
  std::vector<uint32_t> places = places_of(std::ssize(keys));
  std::stable_sort(places.begin(), places.end(),
                   [&](uint32_t i, uint32_t j) { return bits_of(i) < bits_of(j); });
  return places;
}

TEST(Sort, OrdersPairsByTheBitsAskedForAndKeepsTheOrderOfEqualOnes) {
  const Cuda cuda = cuda_context(0);
  std::mt19937_64 random(1);
  for (const int64_t count : counts) {
    for (const auto& [begin_bit, end_bit] :
         {std::pair(0, 64), {0, 12}, {5, 37}, {63, 64}, {8, 8}, {64, 64}}) {
      const std::vector<uint64_t> keys = random_keys(count, random);
      test::Array keys_in(cuda, keys), keys_out(cuda, std::vector<uint64_t>(count));
      test::Array values_in(cuda, places_of(count)), values_out(cuda, std::vector<uint32_t>(count));
      sort(cuda, {.count = count,
                  .keys = keys_in.data(),
                  .values = values_in.data(),
                  .sorted_keys = keys_out.data(),
                  .sorted_values = values_out.data(),
                  .begin_bit = begin_bit,
                  .end_bit = end_bit});
      const std::vector<uint32_t> expected = sorted_places(keys, begin_bit, end_bit);
      EXPECT_EQ(values_out.host(), expected) << count << " " << begin_bit << " " << end_bit;
      const std::vector<uint64_t> sorted = keys_out.host();
      for (int64_t i = 0; i < count; ++i) ASSERT_EQ(sorted[i], keys[expected[i]]);
      EXPECT_EQ(keys_in.host(), keys);
      EXPECT_EQ(values_in.host(), places_of(count));
    }
  }
}

TEST(Sort, OrdersKeysAlone) {
  const Cuda cuda = cuda_context(0);
  std::mt19937_64 random(2);
  for (const int64_t count : counts) {
    std::vector<uint64_t> keys = random_keys(count, random);
    test::Array in(cuda, keys), out(cuda, std::vector<uint64_t>(count));
    sort(cuda, {.count = count, .keys = in.data(), .sorted_keys = out.data()});
    std::sort(keys.begin(), keys.end());
    EXPECT_EQ(out.host(), keys);
  }
}

TEST(Sort, IsPartOfAGraph) {
  const Cuda cuda = cuda_context(0);
  std::mt19937_64 random(3);
  const int64_t count = 1000;
  test::Array in(cuda, std::vector<uint64_t>(count)), out(cuda, std::vector<uint64_t>(count));
  const Sort work{.count = count, .keys = in.data(), .sorted_keys = out.data()};
  sort(cuda, work);
  const Graph graph(cuda, [&] { sort(cuda, work); });
  for (int replay = 0; replay < 2; ++replay) {
    std::vector<uint64_t> keys = random_keys(count, random);
    copy_bytes(cuda, in.data(), keys.data(), count * sizeof(uint64_t));
    graph.launch(cuda);
    std::sort(keys.begin(), keys.end());
    EXPECT_EQ(out.host(), keys);
  }
}

template <class T>
void check_exclusive_sum() {
  const Cuda cuda = cuda_context(0);
  std::mt19937 random(4);
  for (const int64_t count : counts) {
    std::vector<T> values(count);
    for (T& value : values) value = static_cast<T>(random() % 100) - 50;
    std::vector<T> expected(count);
    std::exclusive_scan(values.begin(), values.end(), expected.begin(), T{0});
    test::Array in(cuda, values), out(cuda, std::vector<T>(count));
    exclusive_sum(cuda, count, in.data(), out.data());
    EXPECT_EQ(out.host(), expected);
    exclusive_sum(cuda, count, in.data(), in.data());
    EXPECT_EQ(in.host(), expected);
  }
}

TEST(ExclusiveSum, AddsWhatComesBefore) {
  check_exclusive_sum<int32_t>();
  check_exclusive_sum<int64_t>();
}

TEST(ExclusiveSum, PassesTwoToThe32) {
  const Cuda cuda = cuda_context(0);
  test::Array sums(cuda, std::vector<int64_t>{int64_t{1} << 32, 1, -5, 0});
  exclusive_sum(cuda, 4, sums.data(), sums.data());
  EXPECT_EQ(sums.host(), (std::vector<int64_t>{0, int64_t{1} << 32, (int64_t{1} << 32) + 1,
                                               (int64_t{1} << 32) - 4}));
}

TEST(SelectFlagged, GivesThePlacesInOrder) {
  const Cuda cuda = cuda_context(0);
  std::mt19937 random(5);
  for (const int64_t count : counts) {
    for (const uint32_t one_in : {1, 3, 1000000}) {
      std::vector<uint8_t> flags(count);
      std::vector<int64_t> expected;
      for (int64_t i = 0; i < count; ++i) {
        if (random() % one_in != 0) continue;
        flags[i] = 1 + i % 255;  // any value but 0
        expected.push_back(i);
      }
      test::Array in(cuda, flags);
      test::Array places(cuda, std::vector<int64_t>(count, -1)),
          selected(cuda, std::vector<int64_t>{-1});
      select_flagged(cuda, {.count = count,
                            .flags = in.data(),
                            .places = places.data(),
                            .selected = selected.data()});
      EXPECT_EQ(selected.host()[0], std::ssize(expected));
      std::vector<int64_t> found = places.host();
      found.resize(expected.size());
      EXPECT_EQ(found, expected);
    }
  }
}

TEST(SelectRunStarts, GivesWhereTheKeyChanges) {
  const Cuda cuda = cuda_context(0);
  std::mt19937_64 random(6);
  for (const int64_t count : counts) {
    std::vector<uint64_t> keys = random_keys(count, random);
    for (uint64_t& key : keys) key &= 0xf000000000000f00;  // 256 values
    std::sort(keys.begin(), keys.end());
    std::vector<int64_t> expected;
    for (int64_t i = 0; i < count; ++i) {
      if (i == 0 || keys[i] != keys[i - 1]) expected.push_back(i);
    }
    test::Array in(cuda, keys);
    test::Array starts(cuda, std::vector<int64_t>(count, -1)), runs(cuda, std::vector<int64_t>{-1});
    select_run_starts(
        cuda, {.count = count, .keys = in.data(), .starts = starts.data(), .runs = runs.data()});
    EXPECT_EQ(runs.host()[0], std::ssize(expected));
    std::vector<int64_t> found = starts.host();
    found.resize(expected.size());
    EXPECT_EQ(found, expected);
  }
}

}  // namespace
}  // namespace stroma::kernels
