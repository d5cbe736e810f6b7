// Layer normalisation on the GPU: a warp a row, whose sums are butterflies of cg::reduce; the sums
// over rows are those of slices of them, added in their order by a second launch.
#include "kernels/cuda/elements.h"
#include "kernels/layer_norm.h"
#include "kernels/memory.h"
#include "kernels/reduce.h"

namespace stroma::kernels {
namespace {

__device__ float sum_of_warp(float value) {
  return cg::reduce(cg::tiled_partition<32>(cg::this_thread_block()), value, cg::plus<float>());
}

/// Of the elements of a row, lane l takes l, l + 32, …; the second and third reading come from the
/// first-level cache.
__global__ void layer_norm_kernel(LayerNorm<float> p) {
  const int64_t row = int64_t{blockIdx.x} * rows_of_a_block + threadIdx.y;
  if (row >= p.rows) return;
  const float* x = p.input + row * p.channels;
  const float share = 1 / static_cast<float>(p.channels);
  float sum = 0, squares = 0;
  for (int64_t c = threadIdx.x; c < p.channels; c += 32) sum += x[c];
  const float mean = sum_of_warp(sum) * share;
  for (int64_t c = threadIdx.x; c < p.channels; c += 32) squares += (x[c] - mean) * (x[c] - mean);
  const float inverse_sd = 1 / sqrtf(sum_of_warp(squares) * share + p.epsilon);
  for (int64_t c = threadIdx.x; c < p.channels; c += 32) {
    p.output[row * p.channels + c] = (x[c] - mean) * inverse_sd * p.weight[c] + p.bias[c];
  }
  if (threadIdx.x != 0) return;
  p.mean[row] = mean;
  p.inverse_sd[row] = inverse_sd;
}

__global__ void input_gradient_kernel(LayerNormBackward<float> p) {
  const int64_t row = int64_t{blockIdx.x} * rows_of_a_block + threadIdx.y;
  if (row >= p.rows) return;
  const float *x = p.input + row * p.channels, *dy = p.output_grad + row * p.channels;
  const float mean = p.mean[row], inverse_sd = p.inverse_sd[row];
  float sum = 0, along = 0;
  for (int64_t c = threadIdx.x; c < p.channels; c += 32) {
    const float g = dy[c] * p.weight[c];
    sum += g;
    along += g * (x[c] - mean);
  }
  const float share = 1 / static_cast<float>(p.channels);
  const float shift = sum_of_warp(sum) * share;
  const float slope = sum_of_warp(along) * share * inverse_sd * inverse_sd;
  for (int64_t c = threadIdx.x; c < p.channels; c += 32) {
    p.input_grad[row * p.channels + c] =
        inverse_sd * (dy[c] * p.weight[c] - shift - (x[c] - mean) * slope);
  }
}

constexpr int tile_columns = 32, tile_rows = 8;
constexpr int64_t slice_rows = 256;

struct SumsShared {
  float weight[tile_rows][tile_columns], bias[tile_rows][tile_columns];
};

/// sums[slice, 0, c] = Σ dy x̂ and sums[slice, 1, c] = Σ dy over the rows of a slice.
///
/// A block of 32 x 8 threads a slice and 32 channels: thread (x, y) sums rows y, y + 8, … of
/// channel x; then warp 0 adds the eight sums of each channel.
__global__ void parameter_sums_kernel(LayerNormBackward<float> p, int64_t tiles, float* sums) {
  SumsShared& shared = *shared_memory<SumsShared>();
  const int64_t slice = blockIdx.x / tiles;
  const int64_t c = blockIdx.x % tiles * tile_columns + threadIdx.x;
  const int64_t first = slice * slice_rows, last = min(first + slice_rows, p.rows);
  float weight = 0, bias = 0;
  if (c < p.channels) {
#pragma unroll 4
    for (int64_t row = first + threadIdx.y; row < last; row += tile_rows) {
      const float dy = p.output_grad[row * p.channels + c];
      weight += dy * ((p.input[row * p.channels + c] - p.mean[row]) * p.inverse_sd[row]);
      bias += dy;
    }
  }
  shared.weight[threadIdx.y][threadIdx.x] = weight;
  shared.bias[threadIdx.y][threadIdx.x] = bias;
  cg::this_thread_block().sync();
  if (threadIdx.y != 0 || c >= p.channels) return;
  for (int y = 1; y < tile_rows; ++y) {
    weight += shared.weight[y][threadIdx.x];
    bias += shared.bias[y][threadIdx.x];
  }
  sums[slice * 2 * p.channels + c] = weight;
  sums[(slice * 2 + 1) * p.channels + c] = bias;
}

unsigned row_blocks(int64_t rows) {
  return static_cast<unsigned>((rows + rows_of_a_block - 1) / rows_of_a_block);
}

}  // namespace

void layer_norm(const Cuda& cuda, const LayerNorm<float>& p) {
  launch<layer_norm_kernel>(
      {.grid = row_blocks(p.rows), .block = {32, rows_of_a_block}, .stream = cuda.stream}, p);
}

void layer_norm_backward(const Cuda& cuda, const LayerNormBackward<float>& p) {
  p.check();
  if (p.input_grad != nullptr) {
    launch<input_gradient_kernel>(
        {.grid = row_blocks(p.rows), .block = {32, rows_of_a_block}, .stream = cuda.stream}, p);
  }
  if (p.weight_grad == nullptr && p.bias_grad == nullptr) return;
  const int64_t tiles = (p.channels + tile_columns - 1) / tile_columns;
  const int64_t slices = (p.rows + slice_rows - 1) / slice_rows;
  Workspace<float, Cuda> workspace(cuda, slices * 2 * p.channels);
  float* const sums = workspace.data();  // [slices, 2, channels]
  launch<parameter_sums_kernel>({.grid = static_cast<unsigned>(tiles * slices),
                                 .block = {tile_columns, tile_rows},
                                 .shared_bytes = sizeof(SumsShared),
                                 .stream = cuda.stream},
                                p, tiles, sums);
  if (p.weight_grad != nullptr) {
    add_column_sums(cuda, sums, slices, p.channels, 2 * p.channels, p.weight_grad);
  }
  if (p.bias_grad != nullptr) {
    add_column_sums(cuda, sums + p.channels, slices, p.channels, 2 * p.channels, p.bias_grad);
  }
}

}  // namespace stroma::kernels
