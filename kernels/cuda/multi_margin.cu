// The hinge loss of several classes on the GPU: a warp a row.
#include "kernels/cuda/loss_rows.cuh"
#include "kernels/multi_margin.h"

namespace stroma::kernels {
namespace {

/// The formulas of kernels/multi_margin.h.
struct MarginRows {
  static __device__ double weight(const ClassificationLoss<float>& l, int64_t n) {
    return labelled_weight(l, n);
  }
  static __device__ double even_weight(const ClassificationLoss<float>&) { return 1; }

  static __device__ RowsResult row(const Warp& warp, const ClassificationLoss<float>& l, int64_t n,
                                   double total) {
    const float* z = l.logits + n * l.classes;
    float* grad = l.logits_grad != nullptr ? l.logits_grad + n * l.classes : nullptr;
    const int32_t label = l.labels[n];
    const double weight = labelled_weight(l, n);
    const auto classes = static_cast<double>(l.classes);
    const auto step = static_cast<float>(loss_scale(l, weight, total) / classes);
    double sum = 0;
    int within = 0;  // classes that come too near to the label's
    for (int64_t c = warp.thread_rank(); c < l.classes; c += 32) {
      const double margin = 1 - static_cast<double>(z[label]) + static_cast<double>(z[c]);
      const bool counts = c != label && !(margin <= 0);  // so that a NaN reaches the loss
      if (counts) sum += margin;
      within += counts ? 1 : 0;
      if (grad != nullptr && c != label) grad[c] = counts ? step : 0;
    }
    sum = cg::reduce(warp, sum, cg::plus<double>());
    within = cg::reduce(warp, within, cg::plus<int>());
    const bool hit = is_hit(warp, z, label, row_maximum(warp, z, l.classes));
    if (warp.thread_rank() != 0) return {0, 0};
    if (grad != nullptr) grad[label] = -static_cast<float>(within) * step;
    return {weight * (sum / classes), hit ? 1.0 : 0.0};
  }
};

}  // namespace

void multi_margin(const Cuda& cuda, const ClassificationLoss<float>& l) {
  loss_of_rows<MarginRows>(cuda, l);
}

}  // namespace stroma::kernels
