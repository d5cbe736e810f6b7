// Sorting, adding up and selecting in a GPU's memory: the steps that windows and k-mers share. They
// run in the context's stream, take scratch memory from its pool, and never wait for the host.
#pragma once

#include <cstdint>

#include "kernels/context.h"

namespace stroma::kernels {

/// Keys, with a value each or alone, in ascending order of their bits [begin_bit, end_bit). Keys
/// that are equal there keep their order, so that longer keys can be sorted word by word, the least
/// significant first. Fewer bits are faster: a pass over the data for each eight. The outputs must
/// not overlap with the inputs, which stay as they are.
struct Sort {
  int64_t count;
  const uint64_t* keys;               // [count]
  const uint32_t* values = nullptr;   // [count]; null: keys alone
  uint64_t* sorted_keys;              // [count], written
  uint32_t* sorted_values = nullptr;  // [count], written; null with `values`
  int begin_bit = 0;                  // 0 ≤ begin_bit ≤ end_bit ≤ 64
  int end_bit = 64;
};

void sort(const Cuda&, const Sort&);

/// sums[i] = Σ_{j < i} values[j], i < count; sums may be values.
void exclusive_sum(const Cuda&, int64_t count, const int32_t* values, int32_t* sums);
void exclusive_sum(const Cuda&, int64_t count, const int64_t* values, int64_t* sums);

/// The places i < count with flags[i] ≠ 0, ascending, and how many they are.
struct SelectFlagged {
  int64_t count;
  const uint8_t* flags;  // [count]
  int64_t* places;       // [*selected], written
  int64_t* selected;     // [1], written
};

void select_flagged(const Cuda&, const SelectFlagged&);

/// The places where runs of equal keys begin, ascending, and how many they are: of sorted keys
/// keys[starts[r]] is the r-th distinct one, and it occurs starts[r + 1] − starts[r] times.
struct SelectRunStarts {
  int64_t count;
  const uint64_t* keys;  // [count]
  int64_t* starts;       // [*runs], written
  int64_t* runs;         // [1], written
};

void select_run_starts(const Cuda&, const SelectRunStarts&);

}  // namespace stroma::kernels
