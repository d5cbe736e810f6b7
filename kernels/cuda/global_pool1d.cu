// Global pooling on the GPU. Forward, a block of 32 x 8 threads takes 32 columns (batch entries and
// channels): thread (x, y) goes through positions y, y + 8, … of column x, then warp 0 joins the
// eight results of each column in their order, so that the shape alone decides the order of a sum.
#include "kernels/cuda/elements.h"
#include "kernels/global_pool1d.h"

namespace stroma::kernels {
namespace {

constexpr int tile_columns = 32, tile_rows = 8;

__device__ int64_t length_of(const int32_t* lengths, int64_t length, int64_t n) {
  return lengths != nullptr ? lengths[n] : length;
}

struct AverageShared {
  float partial[tile_rows][tile_columns];
};

__global__ void global_average_pool1d_kernel(GlobalAveragePool1d<float> p) {
  AverageShared& shared = *shared_memory<AverageShared>();
  const int64_t row = p.batch * p.channels;
  const int64_t j = int64_t{blockIdx.x} * tile_columns + threadIdx.x;
  const int64_t length = j < row ? length_of(p.lengths, p.length, j / p.channels) : 0;
  float sum = 0;
#pragma unroll 4
  for (int64_t t = threadIdx.y; t < length; t += tile_rows) sum += p.input[t * row + j];
  shared.partial[threadIdx.y][threadIdx.x] = sum;
  cg::this_thread_block().sync();
  if (threadIdx.y != 0 || j >= row) return;
  for (int y = 1; y < tile_rows; ++y) sum += shared.partial[y][threadIdx.x];
  p.output[j] = length > 0 ? sum * (1 / static_cast<float>(length)) : 0;
}

struct MaxShared {
  float values[tile_rows][tile_columns];
  int positions[tile_rows][tile_columns];
};

/// Whether x at position t takes the place of y at `before` (−1: of nothing): the larger one does,
/// a NaN is the largest, and of equal ones the first.
__device__ bool wins(float x, int t, float y, int before) {
  if (before < 0) return true;
  if (x != x || y != y) return x != x && (y == y || t < before);
  return x > y || (x == y && t < before);
}

__global__ void global_max_pool1d_kernel(GlobalMaxPool1d<float> p) {
  MaxShared& shared = *shared_memory<MaxShared>();
  const int64_t row = p.batch * p.channels;
  const int64_t j = int64_t{blockIdx.x} * tile_columns + threadIdx.x;
  const int64_t length = j < row ? length_of(p.lengths, p.length, j / p.channels) : 0;
  float best = 0;
  int position = -1;
  for (int64_t t = threadIdx.y; t < length; t += tile_rows) {
    const float x = p.input[t * row + j];
    if (!wins(x, static_cast<int>(t), best, position)) continue;
    best = x;
    position = static_cast<int>(t);
  }
  shared.values[threadIdx.y][threadIdx.x] = best;
  shared.positions[threadIdx.y][threadIdx.x] = position;
  cg::this_thread_block().sync();
  if (threadIdx.y != 0 || j >= row) return;
  for (int y = 1; y < tile_rows; ++y) {
    const float x = shared.values[y][threadIdx.x];
    const int t = shared.positions[y][threadIdx.x];
    if (t < 0 || !wins(x, t, best, position)) continue;
    best = x;
    position = t;
  }
  p.output[j] = best;
  p.positions[j] = position;
}

struct AverageBackward {
  GlobalAveragePool1dBackward<float> p;
  __device__ void operator()(int64_t row, int64_t c) const {
    const int64_t n = row % p.batch, length = length_of(p.lengths, p.length, n);
    const float share = row / p.batch < length ? 1 / static_cast<float>(length) : 0;
    p.input_grad[row * p.channels + c] = p.output_grad[n * p.channels + c] * share;
  }
};

struct MaxBackward {
  GlobalMaxPool1dBackward<float> p;
  __device__ void operator()(int64_t row, int64_t c) const {
    const int64_t i = row % p.batch * p.channels + c;
    const bool here = p.positions[i] == row / p.batch;
    p.input_grad[row * p.channels + c] = here ? p.output_grad[i] : 0;
  }
};

unsigned tiles_of(int64_t columns) {
  return static_cast<unsigned>((columns + tile_columns - 1) / tile_columns);
}

}  // namespace

void global_average_pool1d(const Cuda& cuda, const GlobalAveragePool1d<float>& p) {
  launch<global_average_pool1d_kernel>({.grid = tiles_of(p.batch * p.channels),
                                        .block = {tile_columns, tile_rows},
                                        .shared_bytes = sizeof(AverageShared),
                                        .stream = cuda.stream},
                                       p);
}

void global_average_pool1d_backward(const Cuda& cuda, const GlobalAveragePool1dBackward<float>& p) {
  for_each_of_rows(cuda, p.length * p.batch, p.channels, AverageBackward{p});
}

void global_max_pool1d(const Cuda& cuda, const GlobalMaxPool1d<float>& p) {
  launch<global_max_pool1d_kernel>({.grid = tiles_of(p.batch * p.channels),
                                    .block = {tile_columns, tile_rows},
                                    .shared_bytes = sizeof(MaxShared),
                                    .stream = cuda.stream},
                                   p);
}

void global_max_pool1d_backward(const Cuda& cuda, const GlobalMaxPool1dBackward<float>& p) {
  for_each_of_rows(cuda, p.length * p.batch, p.channels, MaxBackward{p});
}

}  // namespace stroma::kernels
