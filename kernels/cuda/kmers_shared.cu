// How many k-mers any two sequences share, on the GPU: the occurrences sorted, so that the
// sequences that have a k-mer stand in a row; then a block adds up a row of the matrix in shared
// memory. Sums of integers do not show the order of threads.
#include <algorithm>

#include "kernels/cuda/cuda.h"
#include "kernels/cuda/elements.h"
#include "kernels/cuda/kmers.cuh"
#include "kernels/cuda/sort.h"
#include "kernels/memory.h"

namespace stroma::kernels {
namespace {

constexpr int row_block = 256;
constexpr int64_t row_slice = 8192;  // columns that a block adds up: 32 KB

/// A sequence that has a k-mer, and how often.
struct alignas(8) Posting {
  int32_t sequence;
  uint32_t count;
};

/// What a row has to add for one of its k-mers: with the postings [begin, end), all of columns, it
/// shares min(count, theirs). Empty where nobody shares it, and where the row has had it before.
struct alignas(16) Columns {
  uint32_t begin, end, count, unused;
};

/// sequence_of[p] = the sequence of position p: the last that starts at p or before.
struct FindSequence {
  const int64_t* starts;
  int64_t sequences;
  int32_t* sequence_of;
  __device__ void operator()(int64_t p) const {
    int64_t low = 0, high = sequences;
    while (high - low > 1) {
      const int64_t middle = (low + high) / 2;
      (starts[middle] <= p ? low : high) = middle;
    }
    sequence_of[p] = static_cast<int32_t>(low);
  }
};

/// The occurrences of the k-mers, sorted by k-mer, then by position.
struct Occurrences {
  const uint64_t* keys;
  const uint32_t* positions;
  const int32_t* sequence_of;
  __device__ int32_t sequence(int64_t i) const { return sequence_of[positions[i]]; }
};

/// Flags the first occurrence of each k-mer in each sequence.
struct FlagFirst {
  Occurrences sorted;
  uint8_t* flags;
  __device__ void operator()(int64_t i) const {
    const bool same = i > 0 && sorted.keys[i] == sorted.keys[i - 1] &&
                      sorted.sequence(i) == sorted.sequence(i - 1);
    flags[i] = same ? 0 : 1;
  }
};

/// The first i in [begin, end) for which before(i) is false, `end` without one; looked for from
/// `begin` on in steps that double, since most are near.
template <class F>
__device__ int64_t first_not(int64_t begin, int64_t end, const F& before) {
  int64_t step = 1;
  while (begin + step <= end && before(begin + step - 1)) {
    begin += step;
    step *= 2;
  }
  int64_t last = min(begin + step - 1, end);
  while (begin < last) {
    const int64_t middle = (begin + last) / 2;
    if (before(middle)) {
      begin = middle + 1;
    } else {
      last = middle;
    }
  }
  return begin;
}

/// Posting i, of the i-th first occurrence, and the columns of its position: a thread each.
struct Post {
  Occurrences sorted;
  const int64_t* firsts;
  const int64_t* posting_count;
  int64_t occurrences;
  uint64_t none;
  int64_t rows, first_column;
  Posting* postings;
  Columns* columns;

  __device__ void operator()(int64_t i) const {
    const int64_t end = *posting_count;
    if (i >= end) return;
    const int64_t first = firsts[i], next = i + 1 < end ? firsts[i + 1] : occurrences;
    const uint64_t kmer = sorted.keys[first];
    const int32_t sequence = sorted.sequence(first);
    const auto count = static_cast<uint32_t>(next - first);
    postings[i] = {sequence, count};
    if (kmer == none || sequence >= rows) return;
    const int64_t list_end =
        first_not(i + 1, end, [&](int64_t j) { return sorted.keys[firsts[j]] == kmer; });
    const int64_t list_begin = first_not(
        i + 1, list_end, [&](int64_t j) { return sorted.sequence(firsts[j]) < first_column; });
    columns[sorted.positions[first]] = {static_cast<uint32_t>(list_begin),
                                        static_cast<uint32_t>(list_end), count, 0};
  }
};

/// shared[r, c] += Σ min(count in r, count in c) over the k-mers of the lists, for row r =
/// blockIdx.x and the columns of slice blockIdx.y; shared [rows, columns].
///
/// A block a row: its warps take 32 positions at a time, and each list that one of them has with
/// all lanes, so that postings are read in whole lines. Lanes have different sequences: they meet
/// in a bank, but never in an address.
__global__ void __launch_bounds__(row_block)
    add_shared_kernel(const int64_t* starts, const Columns* lists, const Posting* postings,
                      int64_t first_column, int64_t columns, int64_t* shared) {
  unsigned* sums = shared_memory<unsigned>();  // [row_slice]
  const auto block = cg::this_thread_block();
  const auto warp = cg::tiled_partition<32>(block);
  const int64_t row = blockIdx.x, slice = blockIdx.y * row_slice;
  const auto width = static_cast<unsigned>(min(row_slice, columns - slice));
  for (unsigned i = threadIdx.x; i < width; i += row_block) sums[i] = 0;
  block.sync();
  const auto first_sequence = static_cast<unsigned>(first_column + slice);
  const int64_t end = starts[row + 1];
  for (int64_t p = starts[row] + threadIdx.x; p - warp.thread_rank() < end; p += row_block) {
    const Columns own = p < end ? lists[p] : Columns{};
    for (unsigned left = warp.ballot(own.begin < own.end); left != 0; left &= left - 1) {
      const int lane = __ffs(static_cast<int>(left)) - 1;
      const unsigned list_end = warp.shfl(own.end, lane), count = warp.shfl(own.count, lane);
      for (unsigned i = warp.shfl(own.begin, lane) + warp.thread_rank(); i < list_end; i += 32) {
        const Posting posting = postings[i];
        const unsigned column = static_cast<unsigned>(posting.sequence) - first_sequence;
        if (column < width) atomicAdd(sums + column, min(count, posting.count));
      }
    }
  }
  block.sync();
  int64_t* out = shared + row * columns + slice;
  for (unsigned i = threadIdx.x; i < width; i += row_block) out[i] += sums[i];
}

}  // namespace

void shared_kmers(const Cuda& cuda, const SharedKmers& s) {
  const int64_t columns = s.sequences - s.first_column, count = s.text.count;
  zero_bytes(cuda, s.shared, s.rows * columns * sizeof(int64_t));
  if (s.rows == 0 || columns == 0) return;
  Workspace<int32_t, Cuda> sequence_of(cuda, count);
  Workspace<uint64_t, Cuda> keys(cuda, count), sorted_keys(cuda, count);
  Workspace<uint32_t, Cuda> positions(cuda, count), sorted_positions(cuda, count);
  Workspace<uint8_t, Cuda> flags(cuda, count);
  Workspace<int64_t, Cuda> firsts(cuda, count), posting_count(cuda, 1);
  Workspace<Posting, Cuda> postings(cuda, count);
  Workspace<Columns, Cuda> lists(cuda, count);
  const Occurrences sorted{sorted_keys.data(), sorted_positions.data(), sequence_of.data()};
  for_each_element(cuda, count, FindSequence{s.starts, s.sequences, sequence_of.data()});
  for (int k = s.min_k; k <= s.max_k; ++k) {
    const Kmers kmers(s.text, k, false);
    for_each_element(cuda, count, Pack{kmers, keys.data(), positions.data()});
    sort(cuda, {.count = count,
                .keys = keys.data(),
                .values = positions.data(),
                .sorted_keys = sorted_keys.data(),
                .sorted_values = sorted_positions.data(),
                .end_bit = kmers.bits * k + 1});
    for_each_element(cuda, count, FlagFirst{sorted, flags.data()});
    select_flagged(cuda, {.count = count,
                          .flags = flags.data(),
                          .places = firsts.data(),
                          .selected = posting_count.data()});
    zero_bytes(cuda, lists.data(), count * sizeof(Columns));
    for_each_element(cuda, count,
                     Post{sorted, firsts.data(), posting_count.data(), count, kmers.none, s.rows,
                          s.first_column, postings.data(), lists.data()});
    const int64_t slices = (columns + row_slice - 1) / row_slice;
    launch<add_shared_kernel>(
        {.grid = {static_cast<unsigned>(s.rows), static_cast<unsigned>(slices)},
         .block = row_block,
         .shared_bytes = static_cast<std::size_t>(std::min(columns, row_slice)) * sizeof(unsigned),
         .stream = cuda.stream},
        s.starts, lists.data(), postings.data(), s.first_column, columns, s.shared);
  }
}

}  // namespace stroma::kernels
