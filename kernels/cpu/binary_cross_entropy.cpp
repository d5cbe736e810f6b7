// Cross-entropy of yes and no on the CPU.
#include "kernels/binary_cross_entropy.h"

#include <algorithm>
#include <cmath>

#include "kernels/cpu/loss_rows.h"

namespace stroma::kernels {
namespace {

double sigmoid(double z) { return 1 / (1 + std::exp(-z)); }

}  // namespace

template <class T>
void binary_cross_entropy(const Cpu& cpu, const ClassificationLoss<T>& l) {
  const auto weight_of_answer = [&l](int64_t n, int32_t label) {
    STROMA_ASSERT(label == 0 || label == 1, "a label is 0 or 1");
    const double weight = l.class_weights != nullptr ? l.class_weights[label] : T{1};
    return weight * example_weight(l, n);
  };
  const auto weight_of = [&](int64_t n) {
    double sum = 0;
    for (int64_t c = 0; c < l.classes; ++c) {
      sum += weight_of_answer(n, l.labels[n * l.classes + c]);
    }
    return sum;
  };
  const auto row = [&](int64_t n, const auto& scale_of) {
    double loss = 0;
    bool hit = true;
    for (int64_t i = n * l.classes; i < (n + 1) * l.classes; ++i) {
      const int32_t label = l.labels[i];
      const double z = l.logits[i], weight = weight_of_answer(n, label);
      const double wanted = label * (1 - l.label_smoothing) + l.label_smoothing / 2;
      loss += weight * (std::max(z, 0.0) - wanted * z + std::log1p(std::exp(-std::abs(z))));
      hit = hit && (z > 0) == (label == 1);
      if (l.logits_grad != nullptr) {
        l.logits_grad[i] = static_cast<T>(scale_of(weight) * (sigmoid(z) - wanted));
      }
    }
    return RowResult{loss, hit ? 1.0 : 0.0};
  };
  loss_of_rows(cpu, l, weight_of, row);
}

template <class T>
void binary_probabilities(const Cpu&, int64_t batch, const T* logits, T* output) {
  for (int64_t n = 0; n < batch; ++n) {
    const double z = logits[n];
    output[2 * n] = static_cast<T>(sigmoid(-z));
    output[2 * n + 1] = static_cast<T>(sigmoid(z));
  }
}

#define STROMA_INSTANTIATE(T)                                                      \
  template void binary_cross_entropy<T>(const Cpu&, const ClassificationLoss<T>&); \
  template void binary_probabilities<T>(const Cpu&, int64_t, const T*, T*);
STROMA_INSTANTIATE(float)
STROMA_INSTANTIATE(double)
#undef STROMA_INSTANTIATE

}  // namespace stroma::kernels
