// Softmax and cross-entropy on the GPU: a warp a row.
#include "kernels/cuda/loss_rows.cuh"
#include "kernels/softmax_cross_entropy.h"

namespace stroma::kernels {
namespace {

/// Σ_c exp(z[c] − maximum), in every lane. A NaN among z makes it one.
__device__ float sum_of_exponentials(const Warp& warp, const float* z, int64_t classes,
                                     float maximum) {
  float sum = 0;
  for (int64_t c = warp.thread_rank(); c < classes; c += 32) sum += expf(z[c] - maximum);
  return cg::reduce(warp, sum, cg::plus<float>());
}

__device__ double class_weight(const ClassificationLoss<float>& l, int64_t c) {
  return l.class_weights != nullptr ? l.class_weights[c] : 1;
}

/// The formulas of kernels/softmax_cross_entropy.h. A warp goes over its row three times (maximum,
/// sum of exponentials, gradient), with label smoothing five times.
struct CrossEntropyRows {
  static __device__ double weight(const ClassificationLoss<float>& l, int64_t n) {
    return labelled_weight(l, n);
  }
  static __device__ double even_weight(const ClassificationLoss<float>&) { return 1; }

  static __device__ RowsResult row(const Warp& warp, const ClassificationLoss<float>& l, int64_t n,
                                   double total) {
    const float* z = l.logits + n * l.classes;
    const int32_t label = l.labels[n];
    const double weight = labelled_weight(l, n), example = example_weight(l, n);
    const double sure = 1 - l.label_smoothing;
    const double spread = l.label_smoothing / static_cast<double>(l.classes) * example;
    const float maximum = row_maximum(warp, z, l.classes);
    const float sum = sum_of_exponentials(warp, z, l.classes, maximum);
    double all_weights = 0;  // Σ w, of use with smoothing alone
    double loss = 0;         // what smoothing adds
    if (l.label_smoothing > 0) {
      const double log_sum = log(static_cast<double>(sum));
      for (int64_t c = warp.thread_rank(); c < l.classes; c += 32) {
        const double below = static_cast<double>(maximum) - static_cast<double>(z[c]);
        all_weights += class_weight(l, c);
        loss += spread * class_weight(l, c) * (log_sum + below);
      }
      all_weights = cg::reduce(warp, all_weights, cg::plus<double>());
      loss = cg::reduce(warp, loss, cg::plus<double>());
    }
    if (l.logits_grad != nullptr) {
      float* grad = l.logits_grad + n * l.classes;
      const auto scale =
          static_cast<float>(loss_scale(l, sure * weight + spread * all_weights, total));
      const auto of_label = static_cast<float>(loss_scale(l, sure * weight, total));
      const float factor = scale / sum;
      for (int64_t c = warp.thread_rank(); c < l.classes; c += 32) {
        float g = expf(z[c] - maximum) * factor - (c == label ? of_label : 0);
        if (l.label_smoothing > 0) {
          g -= static_cast<float>(loss_scale(l, spread * class_weight(l, c), total));
        }
        grad[c] = g;
      }
    }
    const bool hit = is_hit(warp, z, label, maximum);
    if (warp.thread_rank() != 0) return {0, 0};
    const double shifted = static_cast<double>(maximum) - static_cast<double>(z[label]);
    loss += sure * weight * (log(static_cast<double>(sum)) + shifted);
    return {loss, hit ? 1.0 : 0.0};
  }
};

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

void softmax_cross_entropy(const Cuda& cuda, const ClassificationLoss<float>& l) {
  loss_of_rows<CrossEntropyRows>(cuda, l);
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
