// The losses of kernels/classification_loss.h on the GPU: a warp a row. A loss is a struct
//   struct Rows {
//     /// v_n, in any thread.
//     static __device__ double weight(const ClassificationLoss<float>&, int64_t n);
//     /// v_n where no example and no class weighs more than another.
//     static __host__ __device__ double even_weight(const ClassificationLoss<float>&);
//     /// The result of row n, in lane 0 alone; writes its gradient.
//     static __device__ RowsResult row(const Warp&, const ClassificationLoss<float>&, int64_t n,
//                                      double total);
//   };
#pragma once

#include <algorithm>
#include <cmath>

#include "kernels/classification_loss.h"
#include "kernels/cuda/block_sum.h"
#include "kernels/memory.h"

namespace stroma::kernels {

using Warp = cg::thread_block_tile<32>;

/// What rows add to the loss and to the hits.
struct RowsResult {
  double loss;  // v_n · loss_n
  double hits;
};

constexpr int64_t most_loss_warps = 32;  // of a block
constexpr int64_t rows_in_one_block = 64;
constexpr int64_t most_loss_blocks = 128;

/// max_c z[c], in every lane. Lane l takes c = l, l + 32, …, here and below.
__device__ inline float row_maximum(const Warp& warp, const float* z, int64_t classes) {
  float maximum = -INFINITY;
  for (int64_t c = warp.thread_rank(); c < classes; c += 32) {
    maximum = z[c] > maximum ? z[c] : maximum;
  }
  return cg::reduce(warp, maximum, cg::greater<float>());
}

/// Whether the label's logit is the largest, the first on a tie; in every lane.
__device__ inline bool is_hit(const Warp& warp, const float* z, int32_t label, float maximum) {
  const bool largest = z[label] == maximum;
  bool earlier = false;  // a class before the label that is as large
  if (largest) {
    for (int64_t c = warp.thread_rank(); c < label; c += 32) earlier = earlier || z[c] == maximum;
  }
  return largest && !warp.any(earlier);
}

__device__ inline double example_weight(const ClassificationLoss<float>& l, int64_t n) {
  return l.example_weights != nullptr ? l.example_weights[n] : 1;
}

/// The weight of an example whose label is one class.
__device__ inline double labelled_weight(const ClassificationLoss<float>& l, int64_t n) {
  STROMA_ASSERT(l.labels[n] >= 0 && l.labels[n] < l.classes, "a label lies in [0, classes)");
  const double weight = l.class_weights != nullptr ? l.class_weights[l.labels[n]] : 1;
  return weight * example_weight(l, n);
}

/// What a gradient of weight v is multiplied by.
__device__ inline double loss_scale(const ClassificationLoss<float>& l, double weight,
                                    double total) {
  return total > 0 ? weight * l.share / total : 0;
}

struct LossShared {
  double warp_sums[most_loss_warps];
};

/// Σ_n v_n, in every thread, and in every block the same.
template <class Rows>
__device__ double total_weight(const ClassificationLoss<float>& l, double* warp_sums) {
  if (l.class_weights == nullptr && l.example_weights == nullptr) {
    return static_cast<double>(l.batch) * Rows::even_weight(l);
  }
  double sum = 0;
  for (int64_t n = threadIdx.x; n < l.batch; n += blockDim.x) sum += Rows::weight(l, n);
  return block_sum(sum, warp_sums);
}

/// Writes the mean loss and adds to the statistics; one thread.
__device__ inline void write_loss(const ClassificationLoss<float>& l, const RowsResult& sum,
                                  double total) {
  const double loss = total > 0 ? sum.loss / total : 0;
  *l.loss = static_cast<float>(loss * l.share);
  if (l.statistics == nullptr) return;
  l.statistics[0] += loss * static_cast<double>(l.batch);
  l.statistics[1] += sum.hits;
}

/// A warp a row, up to 32 warps a block; a warp goes over its row several times, all but the first
/// from the cache. A batch of up to 64 rows, as in training, is one block, which adds up what its
/// warps found and is done in one launch. Of a larger batch each block leaves its sum in
/// block_results [blocks] for add_losses_kernel. At most 128 blocks, because each adds all weights
/// up by itself. Sums in double, in fixed order.
template <class Rows>
__global__ void __launch_bounds__(most_loss_warps * 32)
    loss_kernel(const ClassificationLoss<float> l, RowsResult* block_results) {
  LossShared& shared = *shared_memory<LossShared>();
  const auto warp = cg::tiled_partition<32>(cg::this_thread_block());
  const double total = total_weight<Rows>(l, shared.warp_sums);
  RowsResult sum{0, 0};  // of the warp's rows, in its lane 0
  const int64_t warps = warp.meta_group_size();
  for (int64_t n = blockIdx.x * warps + warp.meta_group_rank(); n < l.batch;
       n += gridDim.x * warps) {
    const RowsResult result = Rows::row(warp, l, n, total);
    sum.loss += result.loss;
    sum.hits += result.hits;
  }
  sum.loss = block_sum(sum.loss, shared.warp_sums);
  sum.hits = block_sum(sum.hits, shared.warp_sums);
  if (threadIdx.x != 0) return;
  if (gridDim.x == 1) {
    write_loss(l, sum, total);
  } else {
    block_results[blockIdx.x] = sum;
  }
}

/// Adds the results of the blocks: one block of `most_loss_blocks` threads, one a result.
template <class Rows>
__global__ void __launch_bounds__(most_loss_blocks)
    add_losses_kernel(const ClassificationLoss<float> l, const RowsResult* block_results,
                      int blocks) {
  LossShared& shared = *shared_memory<LossShared>();
  const double total = total_weight<Rows>(l, shared.warp_sums);
  RowsResult sum{0, 0};
  if (static_cast<int>(threadIdx.x) < blocks) sum = block_results[threadIdx.x];
  sum.loss = block_sum(sum.loss, shared.warp_sums);
  sum.hits = block_sum(sum.hits, shared.warp_sums);
  if (threadIdx.x == 0) write_loss(l, sum, total);
}

template <class Rows>
void loss_of_rows(const Cuda& cuda, const ClassificationLoss<float>& l) {
  l.check();
  const int64_t warps = std::clamp<int64_t>(l.batch, 1, most_loss_warps);
  const int64_t blocks = std::clamp<int64_t>((l.batch + rows_in_one_block - 1) / rows_in_one_block,
                                             1, most_loss_blocks);
  Workspace<RowsResult, Cuda> block_results(cuda, blocks);
  launch<loss_kernel<Rows>>({.grid = static_cast<unsigned>(blocks),
                             .block = static_cast<unsigned>(warps * 32),
                             .shared_bytes = sizeof(LossShared),
                             .stream = cuda.stream},
                            l, block_results.data());
  if (blocks == 1) return;
  launch<add_losses_kernel<Rows>>({.block = static_cast<unsigned>(most_loss_blocks),
                                   .shared_bytes = sizeof(LossShared),
                                   .stream = cuda.stream},
                                  l, block_results.data(), static_cast<int>(blocks));
}

}  // namespace stroma::kernels
