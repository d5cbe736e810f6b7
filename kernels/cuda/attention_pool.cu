// Pooling by attention on the GPU. Scores lie a batch apart along a sequence, and rows of channels
// together: so the softmax has a warp a sequence, the sum a thread a channel.
#include <cmath>

#include "kernels/attention_pool.h"
#include "kernels/cuda/elements.h"

namespace stroma::kernels {
namespace {

constexpr int warps = 8;  // of a block
using Warp = cg::thread_block_tile<32>;

/// The number of this warp among all of the grid.
__device__ int64_t warp_number(const Warp& warp) {
  return int64_t{blockIdx.x} * warps + warp.meta_group_rank();
}

unsigned blocks_of(int64_t warp_count) {
  return static_cast<unsigned>((warp_count + warps - 1) / warps);
}

/// Σ a[c] · b[c], in every lane.
__device__ float dot(const Warp& warp, const float* a, const float* b, int64_t channels) {
  float sum = 0;
  for (int64_t c = warp.thread_rank(); c < channels; c += 32) sum += a[c] * b[c];
  return cg::reduce(warp, sum, cg::plus<float>());
}

__global__ void __launch_bounds__(warps * 32) pool_weights_kernel(const AttentionPool<float> p) {
  const Warp warp = cg::tiled_partition<32>(cg::this_thread_block());
  const int64_t n = warp_number(warp);
  if (n >= p.batch) return;  // the whole warp
  const int64_t length = p.lengths != nullptr ? p.lengths[n] : p.length;
  STROMA_ASSERT(length >= 0 && length <= p.length, "no sequence is longer than all positions");
  float maximum = -INFINITY;
  for (int64_t t = warp.thread_rank(); t < length; t += 32) {
    maximum = fmaxf(maximum, p.scores[t * p.batch + n]);
  }
  maximum = cg::reduce(warp, maximum, cg::greater<float>());
  float sum = 0;
  for (int64_t t = warp.thread_rank(); t < length; t += 32) {
    sum += expf(p.scores[t * p.batch + n] - maximum);
  }
  sum = cg::reduce(warp, sum, cg::plus<float>());
  for (int64_t t = warp.thread_rank(); t < p.length; t += 32) {
    const int64_t row = t * p.batch + n;
    p.weights[row] = t < length ? expf(p.scores[row] - maximum) / sum : 0;
  }
}

struct WeightedSum {
  AttentionPool<float> p;
  __device__ void operator()(int64_t i) const {
    const int64_t n = i / p.channels;
    const int64_t length = p.lengths != nullptr ? p.lengths[n] : p.length;
    float sum = 0;
    for (int64_t t = 0; t < length; ++t) {
      sum += p.weights[t * p.batch + n] * p.input[t * p.batch * p.channels + i];
    }
    p.output[i] = sum;
  }
};

/// A warp a row of channels.
__global__ void __launch_bounds__(warps * 32)
    pool_backward_kernel(const AttentionPoolBackward<float> p) {
  const Warp warp = cg::tiled_partition<32>(cg::this_thread_block());
  const int64_t row = warp_number(warp);
  if (row >= p.length * p.batch) return;
  const int64_t n = row % p.batch;
  const float weight = p.weights[row];
  const float* dy = p.output_grad + n * p.channels;
  if (p.scores_grad != nullptr) {
    const float here = dot(warp, dy, p.input + row * p.channels, p.channels);
    const float mean = dot(warp, dy, p.output + n * p.channels, p.channels);
    if (warp.thread_rank() == 0) p.scores_grad[row] = weight * (here - mean);
  }
  if (p.input_grad == nullptr) return;
  for (int64_t c = warp.thread_rank(); c < p.channels; c += 32) {
    p.input_grad[row * p.channels + c] = weight * dy[c];
  }
}

}  // namespace

void attention_pool(const Cuda& cuda, const AttentionPool<float>& p) {
  if (p.batch == 0) return;
  launch<pool_weights_kernel>(
      {.grid = blocks_of(p.batch), .block = warps * 32, .stream = cuda.stream}, p);
  for_each_element(cuda, p.batch * p.channels, WeightedSum{p});
}

void attention_pool_backward(const Cuda& cuda, const AttentionPoolBackward<float>& p) {
  if (p.batch == 0 || p.length == 0) return;
  launch<pool_backward_kernel>(
      {.grid = blocks_of(p.length * p.batch), .block = warps * 32, .stream = cuda.stream}, p);
}

}  // namespace stroma::kernels
