// Cross-entropy of yes and no on the GPU: a warp an example, a lane a question.
#include "kernels/binary_cross_entropy.h"
#include "kernels/cuda/elements.h"
#include "kernels/cuda/loss_rows.cuh"

namespace stroma::kernels {
namespace {

__device__ double sigmoid(double z) { return 1 / (1 + exp(-z)); }

__device__ double weight_of_answer(const ClassificationLoss<float>& l, int64_t n, int32_t label) {
  STROMA_ASSERT(label == 0 || label == 1, "a label is 0 or 1");
  const double weight = l.class_weights != nullptr ? l.class_weights[label] : 1;
  return weight * example_weight(l, n);
}

/// The formulas of kernels/binary_cross_entropy.h.
struct BinaryRows {
  static __device__ double weight(const ClassificationLoss<float>& l, int64_t n) {
    double sum = 0;
    for (int64_t c = 0; c < l.classes; ++c) {
      sum += weight_of_answer(l, n, l.labels[n * l.classes + c]);
    }
    return sum;
  }
  static __device__ double even_weight(const ClassificationLoss<float>& l) {
    return static_cast<double>(l.classes);
  }

  static __device__ RowsResult row(const Warp& warp, const ClassificationLoss<float>& l, int64_t n,
                                   double total) {
    double loss = 0;
    bool wrong = false;
    for (int64_t c = warp.thread_rank(); c < l.classes; c += 32) {
      const int64_t i = n * l.classes + c;
      const int32_t label = l.labels[i];
      const double z = l.logits[i], answer_weight = weight_of_answer(l, n, label);
      const double wanted = label * (1 - l.label_smoothing) + l.label_smoothing / 2;
      loss += answer_weight * ((z > 0 ? z : 0) - wanted * z + log1p(exp(-fabs(z))));
      wrong = wrong || (z > 0) != (label == 1);
      if (l.logits_grad != nullptr) {
        l.logits_grad[i] =
            static_cast<float>(loss_scale(l, answer_weight, total) * (sigmoid(z) - wanted));
      }
    }
    loss = cg::reduce(warp, loss, cg::plus<double>());
    const bool hit = !warp.any(wrong);
    if (warp.thread_rank() != 0) return {0, 0};
    return {loss, hit ? 1.0 : 0.0};
  }
};

/// A thread an example.
struct BinaryProbabilities {
  const float* logits;
  float* output;
  __device__ void operator()(int64_t n) const {
    const double z = logits[n];
    output[2 * n] = static_cast<float>(sigmoid(-z));
    output[2 * n + 1] = static_cast<float>(sigmoid(z));
  }
};

}  // namespace

void binary_cross_entropy(const Cuda& cuda, const ClassificationLoss<float>& l) {
  loss_of_rows<BinaryRows>(cuda, l);
}

void binary_probabilities(const Cuda& cuda, int64_t batch, const float* logits, float* output) {
  for_each_element(cuda, batch, BinaryProbabilities{logits, output});
}

}  // namespace stroma::kernels
