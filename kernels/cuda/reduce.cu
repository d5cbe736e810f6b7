// Sums on the GPU, in an order that the shape alone decides, so that a run repeats to the bit: no
// floating-point atomics; what several blocks have summed is added by a second launch.
#include "kernels/cuda/block_sum.h"
#include "kernels/cuda/cuda.h"
#include "kernels/memory.h"
#include "kernels/reduce.h"

namespace stroma::kernels {
namespace {

constexpr int tile_columns = 32;   // a warp reads 128 bytes of a row at once
constexpr int tile_rows = 32;      // rows that a block reads at once
constexpr int slice_rows = 2048;   // rows of a block
constexpr int square_block = 512;  // threads
constexpr int64_t square_slice = 16 * square_block;

struct ColumnSumsShared {
  float partial[tile_rows][tile_columns];
};

/// sums[s, j] (+)= Σ_i matrix[i, j] over the rows i of slice s. matrix [rows, columns], rows
/// `stride` apart; sums [slices, columns], added to where there is one slice, else written. With
/// one slice also[j] is added to likewise, unless null.
///
/// A block of 32 x 32 threads a slice and 32 columns: thread (x, y) sums rows y, y + 32, … of
/// column x, so that warps read whole lines and 32 rows are on their way at a time; then warp 0
/// adds the 32 partial sums of each column. A slice is long enough that the rows of a training step
/// (length times batch) are one: then there is no second launch.
__global__ void __launch_bounds__(tile_rows* tile_columns)
    column_sums_kernel(const float* matrix, int64_t rows, int64_t columns, int64_t stride,
                       int64_t tiles, int64_t slices, float* sums, float* also) {
  ColumnSumsShared& shared = *shared_memory<ColumnSumsShared>();
  const int64_t slice = blockIdx.x / tiles, tile = blockIdx.x % tiles;
  const int64_t column = tile * tile_columns + threadIdx.x;
  const int64_t first = slice * slice_rows;
  const int64_t last = first + slice_rows < rows ? first + slice_rows : rows;
  float sum = 0;
  if (column < columns) {
#pragma unroll 8
    for (int64_t i = first + threadIdx.y; i < last; i += tile_rows) {
      sum += matrix[i * stride + column];
    }
  }
  shared.partial[threadIdx.y][threadIdx.x] = sum;
  cg::this_thread_block().sync();
  if (threadIdx.y != 0 || column >= columns) return;
  for (int y = 1; y < tile_rows; ++y) sum += shared.partial[y][threadIdx.x];
  float& target = sums[slice * columns + column];
  target = slices == 1 ? target + sum : sum;
  if (slices == 1 && also != nullptr) also[column] += sum;
}

struct SquaresShared {
  double warp_sums[square_block / 32];
};

/// block_sums[b] = Σ data[i]² over the b-th slice of data [count], in double.
///
/// A block of 512 threads a slice of 8,192: 16 loads a thread, all on their way together.
__global__ void __launch_bounds__(square_block)
    squares_kernel(const float* data, int64_t count, double* block_sums) {
  SquaresShared& shared = *shared_memory<SquaresShared>();
  const int64_t first = blockIdx.x * square_slice;
  const int64_t last = first + square_slice < count ? first + square_slice : count;
  double sum = 0;
#pragma unroll 8
  for (int64_t i = first + threadIdx.x; i < last; i += square_block) {
    const double x = data[i];
    sum += x * x;
  }
  sum = block_sum(sum, shared.warp_sums);
  if (threadIdx.x == 0) block_sums[blockIdx.x] = sum;
}

/// *sum = Σ block_sums[b], b < blocks. One block: even of 100 million elements these are 12,000.
__global__ void __launch_bounds__(square_block)
    add_block_sums_kernel(const double* block_sums, int64_t blocks, float* sum) {
  SquaresShared& shared = *shared_memory<SquaresShared>();
  double total = 0;
  for (int64_t i = threadIdx.x; i < blocks; i += square_block) total += block_sums[i];
  total = block_sum(total, shared.warp_sums);
  if (threadIdx.x == 0) *sum = static_cast<float>(total);
}

}  // namespace

void add_column_sums(const Cuda& cuda, const float* matrix, int64_t rows, int64_t columns,
                     int64_t stride, float* sums, float* also) {
  if (rows == 0 || columns == 0) return;
  const int64_t tiles = (columns + tile_columns - 1) / tile_columns;
  const int64_t slices = (rows + slice_rows - 1) / slice_rows;
  const auto sum_slices = [&](float* slice_sums) {
    launch<column_sums_kernel>({.grid = static_cast<unsigned>(tiles * slices),
                                .block = {tile_columns, tile_rows},
                                .shared_bytes = sizeof(ColumnSumsShared),
                                .stream = cuda.stream},
                               matrix, rows, columns, stride, tiles, slices, slice_sums, also);
  };
  if (slices == 1) return sum_slices(sums);
  Workspace<float, Cuda> partial(cuda, slices * columns);  // [slices, columns]
  sum_slices(partial.data());
  add_column_sums(cuda, partial.data(), slices, columns, columns, sums, also);
}

void sum_of_squares(const Cuda& cuda, const float* data, int64_t count, float* sum) {
  const int64_t blocks = (count + square_slice - 1) / square_slice;
  Workspace<double, Cuda> block_sums(cuda, blocks);  // [blocks]
  if (blocks > 0) {
    launch<squares_kernel>({.grid = static_cast<unsigned>(blocks),
                            .block = square_block,
                            .shared_bytes = sizeof(SquaresShared),
                            .stream = cuda.stream},
                           data, count, block_sums.data());
  }
  launch<add_block_sums_kernel>(
      {.block = square_block, .shared_bytes = sizeof(SquaresShared), .stream = cuda.stream},
      block_sums.data(), blocks, sum);
}

}  // namespace stroma::kernels
