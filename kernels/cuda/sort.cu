// CUB's sort, scan and selection; on the emulated device plain loops in their turn in the stream.
#include "kernels/cuda/check.h"
#include "kernels/cuda/sort.h"

#if STROMA_EMULATED

#include <algorithm>
#include <numeric>
#include <vector>

#include "kernels/cuda/emulator/memory.h"
#include "kernels/cuda/emulator/stream.h"

namespace stroma::kernels {
namespace {

template <class T>
void mark_written(const T* first, int64_t count) {
  emulator::mark_written(first, static_cast<std::size_t>(count) * sizeof(T));
}

template <class T>
void enqueue_exclusive_sum(const Cuda& cuda, int64_t count, const T* values, T* sums) {
  const auto work = [=] {
    std::exclusive_scan(values, values + count, sums, T{0});
    mark_written(sums, count);
  };
  check(emulator::enqueue(cuda.stream, work), "a prefix sum");
}

/// The places i < count with wanted(i).
template <class F>
void enqueue_selection(const Cuda& cuda, int64_t count, F wanted, int64_t* places,
                       int64_t* selected) {
  const auto work = [=] {
    int64_t found = 0;
    for (int64_t i = 0; i < count; ++i) {
      if (wanted(i)) places[found++] = i;
    }
    *selected = found;
    mark_written(places, found);
    mark_written(selected, 1);
  };
  check(emulator::enqueue(cuda.stream, work), "a selection");
}

}  // namespace

void sort(const Cuda& cuda, const Sort& s) {
  const auto work = [s] {
    const int bits = s.end_bit - s.begin_bit;
    const uint64_t mask = bits == 64 ? ~uint64_t{0} : (uint64_t{1} << bits) - 1;
    const auto key = [&](int64_t i) { return bits == 0 ? 0 : s.keys[i] >> s.begin_bit & mask; };
    std::vector<int64_t> order(static_cast<std::size_t>(s.count));
    std::iota(order.begin(), order.end(), int64_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](int64_t i, int64_t j) { return key(i) < key(j); });
    for (int64_t i = 0; i < s.count; ++i) {
      s.sorted_keys[i] = s.keys[order[i]];
      if (s.values != nullptr) s.sorted_values[i] = s.values[order[i]];
    }
    mark_written(s.sorted_keys, s.count);
    if (s.values != nullptr) mark_written(s.sorted_values, s.count);
  };
  check(emulator::enqueue(cuda.stream, work), "a sort");
}

void exclusive_sum(const Cuda& cuda, int64_t count, const int32_t* values, int32_t* sums) {
  enqueue_exclusive_sum(cuda, count, values, sums);
}
void exclusive_sum(const Cuda& cuda, int64_t count, const int64_t* values, int64_t* sums) {
  enqueue_exclusive_sum(cuda, count, values, sums);
}

void select_flagged(const Cuda& cuda, const SelectFlagged& s) {
  const uint8_t* flags = s.flags;
  const auto wanted = [flags](int64_t i) { return flags[i] != 0; };
  enqueue_selection(cuda, s.count, wanted, s.places, s.selected);
}

void select_run_starts(const Cuda& cuda, const SelectRunStarts& s) {
  const uint64_t* keys = s.keys;
  const auto wanted = [keys](int64_t i) { return i == 0 || keys[i] != keys[i - 1]; };
  enqueue_selection(cuda, s.count, wanted, s.starts, s.runs);
}

}  // namespace stroma::kernels

#else

#include <thrust/iterator/counting_iterator.h>
#include <thrust/iterator/transform_iterator.h>

#include <cub/device/device_radix_sort.cuh>
#include <cub/device/device_scan.cuh>
#include <cub/device/device_select.cuh>

#include "kernels/memory.h"

namespace stroma::kernels {
namespace {

/// CUB's functions are called twice: to ask for the bytes of scratch memory, and with them.
template <class F>
void with_scratch(const Cuda& cuda, const char* what, F call) {
  std::size_t bytes = 0;
  check(call(nullptr, bytes), what);
  Workspace<std::byte, Cuda> scratch(cuda, static_cast<int64_t>(bytes));
  check(call(scratch.data(), bytes), what);
}

/// Whether a place is flagged.
struct Flagged {
  const uint8_t* flags;
  __device__ bool operator()(int64_t i) const { return flags[i] != 0; }
};

/// Whether a place begins a run.
struct BeginsRun {
  const uint64_t* keys;
  __device__ bool operator()(int64_t i) const { return i == 0 || keys[i] != keys[i - 1]; }
};

template <class F>
void select(const Cuda& cuda, int64_t count, F wanted, int64_t* places, int64_t* selected) {
  const thrust::counting_iterator<int64_t> all(0);
  with_scratch(cuda, "a selection", [&](void* scratch, std::size_t& bytes) {
    return cub::DeviceSelect::If(scratch, bytes, all, places, selected, count, wanted, cuda.stream);
  });
}

template <class T>
void sum_before(const Cuda& cuda, int64_t count, const T* values, T* sums) {
  with_scratch(cuda, "a prefix sum", [&](void* scratch, std::size_t& bytes) {
    return cub::DeviceScan::ExclusiveSum(scratch, bytes, values, sums, count, cuda.stream);
  });
}

}  // namespace

void sort(const Cuda& cuda, const Sort& s) {
  with_scratch(cuda, "a sort", [&](void* scratch, std::size_t& bytes) {
    return s.values == nullptr
               ? cub::DeviceRadixSort::SortKeys(scratch, bytes, s.keys, s.sorted_keys, s.count,
                                                s.begin_bit, s.end_bit, cuda.stream)
               : cub::DeviceRadixSort::SortPairs(scratch, bytes, s.keys, s.sorted_keys, s.values,
                                                 s.sorted_values, s.count, s.begin_bit, s.end_bit,
                                                 cuda.stream);
  });
}

void exclusive_sum(const Cuda& cuda, int64_t count, const int32_t* values, int32_t* sums) {
  sum_before(cuda, count, values, sums);
}
void exclusive_sum(const Cuda& cuda, int64_t count, const int64_t* values, int64_t* sums) {
  sum_before(cuda, count, values, sums);
}

void select_flagged(const Cuda& cuda, const SelectFlagged& s) {
  select(cuda, s.count, Flagged{s.flags}, s.places, s.selected);
}

void select_run_starts(const Cuda& cuda, const SelectRunStarts& s) {
  select(cuda, s.count, BeginsRun{s.keys}, s.starts, s.runs);
}

}  // namespace stroma::kernels

#endif
