// Softmax and cross-entropy on the GPU: a warp a row.
#include <algorithm>
#include <cmath>

#include "kernels/cuda/block_sum.h"
#include "kernels/memory.h"
#include "kernels/softmax_cross_entropy.h"

namespace stroma::kernels {
namespace {

using Warp = cg::thread_block_tile<32>;

constexpr int64_t most_warps = 32;  // of a block
constexpr int64_t rows_in_one_block = 64;
constexpr int64_t most_blocks = 128;

/// max_c z[c], in every lane. Lane l takes c = l, l + 32, …, here and below.
__device__ float row_maximum(const Warp& warp, const float* z, int64_t classes) {
  float maximum = -INFINITY;
  for (int64_t c = warp.thread_rank(); c < classes; c += 32) {
    maximum = z[c] > maximum ? z[c] : maximum;
  }
  return cg::reduce(warp, maximum, cg::greater<float>());
}

/// Σ_c exp(z[c] − maximum), in every lane. A NaN among z makes it one.
__device__ float sum_of_exponentials(const Warp& warp, const float* z, int64_t classes,
                                     float maximum) {
  float sum = 0;
  for (int64_t c = warp.thread_rank(); c < classes; c += 32) sum += expf(z[c] - maximum);
  return cg::reduce(warp, sum, cg::plus<float>());
}

__device__ double weight_of(const SoftmaxCrossEntropy<float>& s, int64_t n) {
  STROMA_ASSERT(s.labels[n] >= 0 && s.labels[n] < s.classes, "a label lies in [0, classes)");
  return s.class_weights != nullptr ? s.class_weights[s.labels[n]] : 1;
}

/// Σ_n w[y_n], in every thread, and in every block the same.
__device__ double total_weight(const SoftmaxCrossEntropy<float>& s, double* warp_sums) {
  if (s.class_weights == nullptr) return static_cast<double>(s.batch);
  double sum = 0;
  for (int64_t n = threadIdx.x; n < s.batch; n += blockDim.x) sum += weight_of(s, n);
  return block_sum(sum, warp_sums);
}

/// What rows add to the loss and to the hits.
struct RowsResult {
  double loss;  // weighted
  double hits;
};

/// The result of row n, in lane 0 alone; writes its gradient.
__device__ RowsResult row(const Warp& warp, const SoftmaxCrossEntropy<float>& s, int64_t n,
                          double all_weights) {
  const float* z = s.logits + n * s.classes;
  const int32_t label = s.labels[n];
  const double weight = weight_of(s, n);
  const float maximum = row_maximum(warp, z, s.classes);
  const float sum = sum_of_exponentials(warp, z, s.classes, maximum);
  if (s.logits_grad != nullptr) {
    float* grad = s.logits_grad + n * s.classes;
    const auto scale = static_cast<float>(weight / all_weights);
    const float factor = scale / sum;
    for (int64_t c = warp.thread_rank(); c < s.classes; c += 32) {
      grad[c] = expf(z[c] - maximum) * factor - (c == label ? scale : 0);
    }
  }
  const bool largest = z[label] == maximum;
  bool earlier = false;  // a class before the label that is as large
  if (largest) {
    for (int64_t c = warp.thread_rank(); c < label; c += 32) earlier = earlier || z[c] == maximum;
  }
  const bool hit = largest && !warp.any(earlier);
  if (warp.thread_rank() != 0) return {0, 0};
  const double shifted = static_cast<double>(maximum) - static_cast<double>(z[label]);
  return {weight * (log(static_cast<double>(sum)) + shifted), hit ? 1.0 : 0.0};
}

/// Writes the mean loss and adds to the statistics; one thread.
__device__ void write_result(const SoftmaxCrossEntropy<float>& s, const RowsResult& sum,
                             double all_weights) {
  const double loss = sum.loss / all_weights;
  *s.loss = static_cast<float>(loss);
  if (s.statistics == nullptr) return;
  s.statistics[0] += loss * static_cast<double>(s.batch);
  s.statistics[1] += sum.hits;
}

struct CrossEntropyShared {
  double warp_sums[most_warps];
};

/// The formulas of kernels/softmax_cross_entropy.h over logits [batch, classes].
///
/// A warp a row, up to 32 warps a block; a warp goes over its row three times (maximum, sum of
/// exponentials, gradient), the second and third time from the cache. A batch of up to 64 rows, as
/// in training, is one block, which adds up what its warps found and is done in one launch. Of a
/// larger batch each block leaves its sum in block_results [blocks] for add_results_kernel. At most
/// 128 blocks, because each adds all weights up by itself. Sums in double, in fixed order.
__global__ void __launch_bounds__(most_warps * 32)
    cross_entropy_kernel(const SoftmaxCrossEntropy<float> s, RowsResult* block_results) {
  CrossEntropyShared& shared = *shared_memory<CrossEntropyShared>();
  const auto warp = cg::tiled_partition<32>(cg::this_thread_block());
  const double all_weights = total_weight(s, shared.warp_sums);
  RowsResult sum{0, 0};  // of the warp's rows, in its lane 0
  const int64_t warps = warp.meta_group_size();
  for (int64_t n = blockIdx.x * warps + warp.meta_group_rank(); n < s.batch;
       n += gridDim.x * warps) {
    const RowsResult result = row(warp, s, n, all_weights);
    sum.loss += result.loss;
    sum.hits += result.hits;
  }
  sum.loss = block_sum(sum.loss, shared.warp_sums);
  sum.hits = block_sum(sum.hits, shared.warp_sums);
  if (threadIdx.x != 0) return;
  if (gridDim.x == 1) {
    write_result(s, sum, all_weights);
  } else {
    block_results[blockIdx.x] = sum;
  }
}

/// Adds the results of the blocks: one block of `most_blocks` threads, one a result.
__global__ void __launch_bounds__(most_blocks)
    add_results_kernel(const SoftmaxCrossEntropy<float> s, const RowsResult* block_results,
                       int blocks) {
  CrossEntropyShared& shared = *shared_memory<CrossEntropyShared>();
  const double all_weights = total_weight(s, shared.warp_sums);
  RowsResult sum{0, 0};
  if (static_cast<int>(threadIdx.x) < blocks) sum = block_results[threadIdx.x];
  sum.loss = block_sum(sum.loss, shared.warp_sums);
  sum.hits = block_sum(sum.hits, shared.warp_sums);
  if (threadIdx.x == 0) write_result(s, sum, all_weights);
}

constexpr int softmax_warps = 8;

/// output[n, c] = exp(z[n, c] − max) / Σ_c exp(z[n, c] − max). A warp a row, eight a block.
__global__ void __launch_bounds__(softmax_warps * 32)
    softmax_kernel(int64_t batch, int64_t classes, const float* logits, float* output) {
  const Warp warp = cg::tiled_partition<32>(cg::this_thread_block());
  const int64_t n = int64_t{blockIdx.x} * softmax_warps + warp.meta_group_rank();
  if (n >= batch) return;  // the whole warp
  const float* z = logits + n * classes;
  const float maximum = row_maximum(warp, z, classes);
  const float sum = sum_of_exponentials(warp, z, classes, maximum);
  for (int64_t c = warp.thread_rank(); c < classes; c += 32) {
    output[n * classes + c] = expf(z[c] - maximum) / sum;
  }
}

}  // namespace

void softmax_cross_entropy(const Cuda& cuda, const SoftmaxCrossEntropy<float>& s) {
  s.check();
  const int64_t warps = std::clamp<int64_t>(s.batch, 1, most_warps);
  const int64_t blocks =
      std::clamp<int64_t>((s.batch + rows_in_one_block - 1) / rows_in_one_block, 1, most_blocks);
  Workspace<RowsResult, Cuda> block_results(cuda, blocks);
  launch<cross_entropy_kernel>({.grid = static_cast<unsigned>(blocks),
                                .block = static_cast<unsigned>(warps * 32),
                                .shared_bytes = sizeof(CrossEntropyShared),
                                .stream = cuda.stream},
                               s, block_results.data());
  if (blocks == 1) return;
  launch<add_results_kernel>({.block = static_cast<unsigned>(most_blocks),
                              .shared_bytes = sizeof(CrossEntropyShared),
                              .stream = cuda.stream},
                             s, block_results.data(), static_cast<int>(blocks));
}

void softmax(const Cuda& cuda, int64_t batch, int64_t classes, const float* logits, float* output) {
  if (batch == 0) return;
  launch<softmax_kernel>(
      {.grid = static_cast<unsigned>((batch + softmax_warps - 1) / softmax_warps),
       .block = softmax_warps * 32,
       .stream = cuda.stream},
      batch, classes, logits, output);
}

}  // namespace stroma::kernels
