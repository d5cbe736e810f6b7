// Counting k-mers on the GPU: tables with integer atomics where k-mers are few, else sorting. Sums
// of integers do not show the order of threads.
#include "kernels/cuda/cuda.h"
#include "kernels/cuda/elements.h"
#include "kernels/cuda/kmers.cuh"
#include "kernels/cuda/sort.h"
#include "kernels/memory.h"

namespace stroma::kernels {
namespace {

constexpr int table_bits = 16;         // count in a table of up to 2^16 k-mers (512 KB, in L2),
constexpr int shared_table_bits = 12;  // of up to 2^12 in each block's shared memory (16 KB) first
constexpr int table_block = 256;
constexpr int64_t table_slice = 1 << 16;  // positions of a block

/// table[kmer] += 1 for the k-mer at each position: a thread a position.
struct CountInTable {
  Kmers kmers;
  unsigned long long* table;
  __device__ void operator()(int64_t p) const {
    const uint64_t kmer = kmers[p];
    if (kmer != kmers.none) atomicAdd(table + kmer, 1ull);
  }
};

/// The same for small tables, in which many threads want the same count at once: a block counts the
/// positions of its slice in shared memory, then adds what it has.
__global__ void __launch_bounds__(table_block)
    count_in_shared_table_kernel(Kmers kmers, unsigned long long* table) {
  unsigned* own = shared_memory<unsigned>();  // [none]
  const auto block = cg::this_thread_block();
  for (uint64_t i = threadIdx.x; i < kmers.none; i += table_block) own[i] = 0;
  block.sync();
  const int64_t begin = blockIdx.x * table_slice;
  const int64_t end = min(begin + table_slice, kmers.text.count);
  for (int64_t p = begin + threadIdx.x; p < end; p += table_block) {
    const uint64_t kmer = kmers[p];
    if (kmer != kmers.none) atomicAdd(own + kmer, 1u);
  }
  block.sync();
  for (uint64_t i = threadIdx.x; i < kmers.none; i += table_block) {
    if (own[i] > 0) atomicAdd(table + i, static_cast<unsigned long long>(own[i]));
  }
}

struct FlagPresent {
  const unsigned long long* table;
  uint8_t* flags;
  __device__ void operator()(int64_t i) const { flags[i] = table[i] > 0 ? 1 : 0; }
};

struct TakeFromTable {
  const unsigned long long* table;
  const int64_t* places;
  CountKmers c;
  __device__ void operator()(int64_t i) const {
    if (i >= *c.distinct) return;
    c.kmers[i] = static_cast<uint64_t>(places[i]);
    c.counts[i] = static_cast<int64_t>(table[places[i]]);
  }
};

void count_in_table(const Cuda& cuda, const CountKmers& c, const Kmers& kmers) {
  const auto size = static_cast<int64_t>(kmers.none);
  Workspace<unsigned long long, Cuda> table(cuda, size);
  zero_bytes(cuda, table.data(), size * sizeof(unsigned long long));
  if (size <= int64_t{1} << shared_table_bits) {
    const int64_t slices = (c.text.count + table_slice - 1) / table_slice;
    launch<count_in_shared_table_kernel>({.grid = static_cast<unsigned>(slices),
                                          .block = table_block,
                                          .shared_bytes = size * sizeof(unsigned),
                                          .stream = cuda.stream},
                                         kmers, table.data());
  } else {
    for_each_element(cuda, c.text.count, CountInTable{kmers, table.data()});
  }
  Workspace<uint8_t, Cuda> flags(cuda, size);
  Workspace<int64_t, Cuda> places(cuda, size);
  for_each_element(cuda, size, FlagPresent{table.data(), flags.data()});
  select_flagged(
      cuda,
      {.count = size, .flags = flags.data(), .places = places.data(), .selected = c.distinct});
  for_each_element(cuda, size, TakeFromTable{table.data(), places.data(), c});
}

/// From the sorted keys and the starts of their runs to k-mers and counts: a thread a run, of which
/// the last may be that of `none`.
struct TakeRuns {
  const uint64_t* keys;
  const int64_t* starts;
  const int64_t* runs;
  uint64_t none;
  CountKmers c;
  __device__ void operator()(int64_t i) const {
    const int64_t count = *runs;
    if (i >= count) return;
    if (i == 0) *c.distinct = count - (keys[c.text.count - 1] == none ? 1 : 0);
    const uint64_t kmer = keys[starts[i]];
    if (kmer == none) return;
    c.kmers[i] = kmer;
    c.counts[i] = (i + 1 < count ? starts[i + 1] : c.text.count) - starts[i];
  }
};

void count_by_sorting(const Cuda& cuda, const CountKmers& c, const Kmers& kmers) {
  const int64_t count = c.text.count;
  Workspace<uint64_t, Cuda> sorted(cuda, count);
  Workspace<int64_t, Cuda> starts(cuda, count), runs(cuda, 1);
  for_each_element(cuda, count, Pack{kmers, c.kmers, nullptr});
  sort(cuda, {.count = count,
              .keys = c.kmers,
              .sorted_keys = sorted.data(),
              .end_bit = kmers.bits * kmers.k + 1});
  select_run_starts(
      cuda, {.count = count, .keys = sorted.data(), .starts = starts.data(), .runs = runs.data()});
  for_each_element(cuda, count, TakeRuns{sorted.data(), starts.data(), runs.data(), kmers.none, c});
}

}  // namespace

void count_kmers(const Cuda& cuda, const CountKmers& c) {
  if (c.text.count == 0) return zero_bytes(cuda, c.distinct, sizeof(int64_t));
  const Kmers kmers(c.text, c.k, c.canonical);
  if (kmers.bits * c.k <= table_bits) return count_in_table(cuda, c, kmers);
  count_by_sorting(cuda, c, kmers);
}

}  // namespace stroma::kernels
