// Sorting by bits on the CPU: first into buckets by the highest bits, which the threads fill
// together, then each bucket in the cache of one thread.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

#include "kernels/memory.h"
#include "kernels/parallel.h"

namespace stroma::kernels {

inline uint64_t radix_key(uint64_t item) { return item; }

/// How many bits make buckets of about `bucket` of `count` items, of keys of `bits` bits.
inline int bucket_bits(int64_t count, int64_t bucket, int bits) {
  return std::min(
      {bits, 10, static_cast<int>(std::bit_width(static_cast<uint64_t>(count / bucket)))});
}

/// Sorts items [count] by the bits [low, high) of their keys, above which all keys are the same;
/// items with equal ones keep their order. `scratch` [count]. Digits of at most 8 bits, the lowest
/// first: 256 places that are written to fit the first-level cache.
template <class T>
void radix_sort(T* items, T* scratch, int64_t count, int low, int high) {
  if (count < 2 || low == high) return;
  const int bits = high - low, passes = (bits + 7) / 8, digit = (bits + passes - 1) / passes;
  const uint64_t mask = (uint64_t{1} << digit) - 1;
  T *from = items, *to = scratch;
  for (int pass = 0; pass < passes; ++pass) {
    const int shift = low + pass * digit;
    const auto digit_of = [=](const T& item) { return (radix_key(item) >> shift) & mask; };
    int64_t place[257] = {};
    for (int64_t i = 0; i < count; ++i) ++place[digit_of(from[i]) + 1];
    if (place[digit_of(from[0]) + 1] == count) continue;  // all have the same
    for (int value = 0; value < 256; ++value) place[value + 1] += place[value];
    for (int64_t i = 0; i < count; ++i) to[place[digit_of(from[i])]++] = from[i];
    std::swap(from, to);
  }
  if (from != items) std::copy(from, from + count, items);
}

/// Writes the items that `produce` makes to `items`, bucket by bucket of their highest `bits` of
/// `key_bits`, in the order of production within a bucket. produce(chunk, take) calls take(item)
/// for each item of a chunk, twice the same; chunks are independent. `begins` [2^bits + 1] receives
/// where the buckets begin, and how many items there are.
template <class T, class Produce>
void into_buckets(int64_t chunks, int key_bits, int bits, const Produce& produce, T* items,
                  int64_t* begins) {
  const int64_t buckets = int64_t{1} << bits;
  const int shift = key_bits - bits;
  Workspace<int64_t, Cpu> memory(Cpu{},
                                 chunks * buckets);  // [chunks, buckets]: counts, then places
  int64_t* places = memory.data();
  in_pieces(chunks, [&](int64_t chunk) {
    int64_t* counts = places + chunk * buckets;
    std::fill(counts, counts + buckets, 0);
    produce(chunk, [&](const T& item) { ++counts[radix_key(item) >> shift]; });
  });
  int64_t total = 0;
  for (int64_t bucket = 0; bucket < buckets; ++bucket) {
    begins[bucket] = total;
    for (int64_t chunk = 0; chunk < chunks; ++chunk) {
      const int64_t count = places[chunk * buckets + bucket];
      places[chunk * buckets + bucket] = total;
      total += count;
    }
  }
  begins[buckets] = total;
  in_pieces(chunks, [&](int64_t chunk) {
    int64_t* next = places + chunk * buckets;
    produce(chunk, [&](const T& item) { items[next[radix_key(item) >> shift]++] = item; });
  });
}

}  // namespace stroma::kernels
