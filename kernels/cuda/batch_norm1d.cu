// Batch normalisation on the GPU. Rows are the channels of a position of a sequence. Slices of the
// rows are summed by different blocks, which a second launch joins in their order: the shape alone
// decides the order of a sum.
#include "kernels/batch_norm1d.h"
#include "kernels/cuda/block_sum.h"
#include "kernels/cuda/elements.h"
#include "kernels/elementwise.h"
#include "kernels/memory.h"
#include "kernels/reduce.h"

namespace stroma::kernels {
namespace {

constexpr int tile_columns = 32, tile_rows = 8;
constexpr int64_t slice_rows = tile_rows * tile_columns;  // as many as a block has threads

__device__ bool is_padding(const int32_t* lengths, int64_t batch, int64_t row) {
  return lengths != nullptr && row / batch >= lengths[row % batch];
}

template <class T>
using Tile = T[tile_rows][tile_columns];

/// Of each column of a block's 32 x 8 values their sum, in every thread of the column.
template <class T>
__device__ T sum_of_column(Tile<T>& tile, T value) {
  tile[threadIdx.y][threadIdx.x] = value;
  cg::this_thread_block().sync();
  T sum = 0;
  for (int y = 0; y < tile_rows; ++y) sum += tile[y][threadIdx.x];
  return sum;
}

struct StatisticsShared {
  float warp_sums[tile_rows];
  Tile<double> sums;
  Tile<float> squares;
};

/// Of each slice of rows the number that are no padding, counts[slice], and of each channel the
/// mean of their values, statistics[slice, 0, c], and the sum of their squared deviations from it,
/// statistics[slice, 1, c].
///
/// A block of 32 x 8 threads a slice and 32 channels: thread (x, y) reads rows y, y + 8, … of
/// channel x, twice; the second time they come from a cache. The first sum is in double, so that a
/// large mean leaves a small deviation its digits; memory stays the bound.
__global__ void statistics_kernel(BatchNorm1d<float> p, int64_t tiles, float* statistics,
                                  float* counts) {
  StatisticsShared& shared = *shared_memory<StatisticsShared>();
  const int64_t slice = blockIdx.x / tiles;
  const int64_t c = blockIdx.x % tiles * tile_columns + threadIdx.x;
  const int64_t first = slice * slice_rows, last = min(first + slice_rows, p.length * p.batch);
  const int64_t mine = first + threadIdx.y * tile_columns + threadIdx.x;  // of 256 threads and rows
  const bool counts_mine = mine < last && !is_padding(p.lengths, p.batch, mine);
  const float count = block_sum(counts_mine ? 1.0f : 0.0f, shared.warp_sums);
  double sum = 0;
  float squares = 0;
  if (c < p.channels) {
    for (int64_t row = first + threadIdx.y; row < last; row += tile_rows) {
      if (!is_padding(p.lengths, p.batch, row)) sum += p.input[row * p.channels + c];
    }
  }
  sum = sum_of_column(shared.sums, sum);
  const float mean = count > 0 ? static_cast<float>(sum / count) : 0;
  if (c < p.channels) {
    for (int64_t row = first + threadIdx.y; row < last; row += tile_rows) {
      if (is_padding(p.lengths, p.batch, row)) continue;
      const float distance = p.input[row * p.channels + c] - mean;
      squares += distance * distance;
    }
  }
  squares = sum_of_column(shared.squares, squares);
  if (threadIdx.y != 0 || c >= p.channels) return;
  statistics[slice * 2 * p.channels + c] = mean;
  statistics[(slice * 2 + 1) * p.channels + c] = squares;
  if (c == 0) counts[slice] = count;
}

/// A thread a channel joins the slices (Chan, Golub & LeVeque 1979), decides by which mean and
/// deviation to normalise, and moves the running ones.
struct Finish {
  BatchNorm1d<float> p;
  int64_t slices;           // 0 in evaluation
  const float* statistics;  // [slices, 2, channels]
  const float* counts;      // [slices]

  __device__ void operator()(int64_t c) const {
    float count = 0, mean = 0, squares = 0;
    for (int64_t slice = 0; slice < slices; ++slice) {
      const float more = counts[slice];
      if (more == 0) continue;
      const float difference = statistics[slice * 2 * p.channels + c] - mean;
      const float part = more / (count + more);
      mean += difference * part;
      squares +=
          statistics[(slice * 2 + 1) * p.channels + c] + difference * difference * count * part;
      count += more;
    }
    const bool of_batch = count > 1;
    const float share = of_batch ? 1 / count : 0;
    float variance = p.running_variance[c];
    if (of_batch) {
      variance = squares * share;
      p.running_mean[c] = (1 - p.momentum) * p.running_mean[c] + p.momentum * mean;
      p.running_variance[c] =
          (1 - p.momentum) * p.running_variance[c] + p.momentum * (squares / (count - 1));
    } else {
      mean = p.running_mean[c];
    }
    p.mean[c] = mean;
    p.inverse_sd[c] = 1 / sqrtf(variance + p.epsilon);
    if (c != 0) return;
    *p.share = share;
    if (of_batch) ++*p.batches;
  }
};

struct Normalize {
  BatchNorm1d<float> p;
  __device__ void operator()(int64_t row, int64_t c) const {
    const int64_t i = row * p.channels + c;
    const float slope = p.weight[c] * p.inverse_sd[c];
    const bool padding = is_padding(p.lengths, p.batch, row);
    p.output[i] = padding ? 0 : (p.input[i] - p.mean[c]) * slope + p.bias[c];
  }
};

struct GradientShared {
  Tile<float> along, plain;
};

/// sums[slice, 0, c] = Σ dy x̂ and sums[slice, 1, c] = Σ dy over the rows of a slice; blocks as
/// those of statistics_kernel.
__global__ void gradient_sums_kernel(BatchNorm1dBackward<float> p, int64_t tiles, float* sums) {
  GradientShared& shared = *shared_memory<GradientShared>();
  const int64_t slice = blockIdx.x / tiles;
  const int64_t c = blockIdx.x % tiles * tile_columns + threadIdx.x;
  const int64_t first = slice * slice_rows, last = min(first + slice_rows, p.length * p.batch);
  float along = 0, plain = 0;
  if (c < p.channels) {
    const float mean = p.mean[c], inverse_sd = p.inverse_sd[c];
    for (int64_t row = first + threadIdx.y; row < last; row += tile_rows) {
      if (is_padding(p.lengths, p.batch, row)) continue;
      const float dy = p.output_grad[row * p.channels + c];
      along += dy * ((p.input[row * p.channels + c] - mean) * inverse_sd);
      plain += dy;
    }
  }
  along = sum_of_column(shared.along, along);
  plain = sum_of_column(shared.plain, plain);
  if (threadIdx.y != 0 || c >= p.channels) return;
  sums[slice * 2 * p.channels + c] = along;
  sums[(slice * 2 + 1) * p.channels + c] = plain;
}

struct InputGradient {
  BatchNorm1dBackward<float> p;
  const float* sums;  // [2, channels]: Σ dy x̂ and Σ dy
  __device__ void operator()(int64_t row, int64_t c) const {
    const int64_t i = row * p.channels + c;
    const float normalized = (p.input[i] - p.mean[c]) * p.inverse_sd[c];
    const float dx = p.weight[c] * p.inverse_sd[c] *
                     (p.output_grad[i] - *p.share * (sums[p.channels + c] + normalized * sums[c]));
    p.input_grad[i] = is_padding(p.lengths, p.batch, row) ? 0 : dx;
  }
};

int64_t ceil_divide(int64_t a, int64_t b) { return (a + b - 1) / b; }

LaunchConfig tiles_config(const Cuda& cuda, int64_t blocks, std::size_t shared_bytes) {
  return {.grid = static_cast<unsigned>(blocks),
          .block = {tile_columns, tile_rows},
          .shared_bytes = shared_bytes,
          .stream = cuda.stream};
}

}  // namespace

void batch_norm1d(const Cuda& cuda, const BatchNorm1d<float>& p) {
  const int64_t rows = p.length * p.batch;
  const int64_t tiles = ceil_divide(p.channels, tile_columns);
  const int64_t slices = p.training ? ceil_divide(rows, slice_rows) : 0;
  Workspace<float, Cuda> workspace(cuda, slices * (2 * p.channels + 1));
  float* const statistics = workspace.data();                  // [slices, 2, channels]
  float* const counts = statistics + slices * 2 * p.channels;  // [slices]
  if (slices > 0) {
    launch<statistics_kernel>(tiles_config(cuda, tiles * slices, sizeof(StatisticsShared)), p,
                              tiles, statistics, counts);
  }
  for_each_element(cuda, p.channels, Finish{p, slices, statistics, counts});
  for_each_of_rows(cuda, rows, p.channels, Normalize{p});
}

void batch_norm1d_backward(const Cuda& cuda, const BatchNorm1dBackward<float>& p) {
  p.check();
  const int64_t rows = p.length * p.batch, channels = p.channels;
  const int64_t tiles = ceil_divide(channels, tile_columns);
  const int64_t slices = ceil_divide(rows, slice_rows);
  Workspace<float, Cuda> workspace(cuda, (slices + 1) * 2 * channels);
  float* const sums = workspace.data();          // [2, channels]
  float* const of_slices = sums + 2 * channels;  // [slices, 2, channels]
  launch<gradient_sums_kernel>(tiles_config(cuda, tiles * slices, sizeof(GradientShared)), p, tiles,
                               of_slices);
  zero_bytes(cuda, sums, 2 * channels * sizeof(float));
  add_column_sums(cuda, of_slices, slices, 2 * channels, 2 * channels, sums);
  if (p.input_grad != nullptr) for_each_of_rows(cuda, rows, channels, InputGradient{p, sums});
  if (p.weight_grad != nullptr) add_to(cuda, p.weight_grad, sums, channels);
  if (p.bias_grad != nullptr) add_to(cuda, p.bias_grad, sums + channels, channels);
}

}  // namespace stroma::kernels
