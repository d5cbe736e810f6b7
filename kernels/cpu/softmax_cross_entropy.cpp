// Softmax and cross-entropy on the CPU.
#include "kernels/softmax_cross_entropy.h"

#include <algorithm>
#include <cmath>

#include "kernels/cpu/loss_rows.h"
#include "kernels/cpu/vector_math.h"

namespace stroma::kernels {
namespace {

using vector_math::fast_exp;

/// e[c] = exp(z[c] − maximum); returns their sum. e may be z.
template <class T>
T exponentials(const T* z, int64_t classes, T maximum, T* e) {
  T sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int64_t c = 0; c < classes; ++c) {
    e[c] = fast_exp(z[c] - maximum);
    sum += e[c];
  }
  return sum;
}

/// The same sum where nobody asks for the terms.
template <class T>
T sum_of_exponentials(const T* z, int64_t classes, T maximum) {
  T sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int64_t c = 0; c < classes; ++c) sum += fast_exp(z[c] - maximum);
  return sum;
}

}  // namespace

template <class T>
void softmax_cross_entropy(const Cpu& cpu, const ClassificationLoss<T>& l) {
  // What a row's label, and each class c of weight w[c], are given of certainty.
  const double sure = 1 - l.label_smoothing;
  const double spread = l.label_smoothing / static_cast<double>(l.classes);
  const auto class_weight = [&l](int64_t c) {
    return l.class_weights != nullptr ? static_cast<double>(l.class_weights[c]) : 1;
  };
  double all_weights = 0;  // Σ w, of use with smoothing alone
  for (int64_t c = 0; spread > 0 && c < l.classes; ++c) all_weights += class_weight(c);

  const auto row = [&](int64_t n, const auto& scale_of) {
    const T* z = l.logits + n * l.classes;
    const int32_t label = l.labels[n];
    const double weight = labelled_weight(l, n), example = example_weight(l, n);
    const T maximum = row_maximum(z, l.classes);
    T sum;
    if (l.logits_grad != nullptr) {
      T* grad = l.logits_grad + n * l.classes;
      sum = exponentials(z, l.classes, maximum, grad);
      const T scale = static_cast<T>(scale_of(sure * weight + spread * example * all_weights));
      const T factor = scale / sum;
#pragma omp simd
      for (int64_t c = 0; c < l.classes; ++c) grad[c] *= factor;
      grad[label] -= static_cast<T>(scale_of(sure * weight));
      for (int64_t c = 0; spread > 0 && c < l.classes; ++c) {
        grad[c] -= static_cast<T>(scale_of(spread * example * class_weight(c)));
      }
    } else {
      sum = sum_of_exponentials(z, l.classes, maximum);
    }
    const double log_sum = std::log(static_cast<double>(sum));
    const double shifted = static_cast<double>(maximum) - static_cast<double>(z[label]);
    const bool hit = shifted == 0 && std::find(z, z + label, maximum) == z + label;
    double loss = sure * weight * (log_sum + shifted);
    for (int64_t c = 0; spread > 0 && c < l.classes; ++c) {
      const double below = static_cast<double>(maximum) - static_cast<double>(z[c]);
      loss += spread * example * class_weight(c) * (log_sum + below);
    }
    return RowResult{loss, hit ? 1.0 : 0.0};
  };
  loss_of_rows(
      cpu, l, [&l](int64_t n) { return labelled_weight(l, n); }, row);
}

template <class T>
void softmax(const Cpu&, int64_t batch, int64_t classes, const T* logits, T* output) {
  in_chunks(batch, std::max<int64_t>(1, 4096 / classes), [=](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; ++n) {
      const T* z = logits + n * classes;
      T* y = output + n * classes;
      const T sum = exponentials(z, classes, row_maximum(z, classes), y);
#pragma omp simd
      for (int64_t c = 0; c < classes; ++c) y[c] /= sum;
    }
  });
}

#define STROMA_INSTANTIATE(T)                                                       \
  template void softmax_cross_entropy<T>(const Cpu&, const ClassificationLoss<T>&); \
  template void softmax<T>(const Cpu&, int64_t, int64_t, const T*, T*);
STROMA_INSTANTIATE(float)
STROMA_INSTANTIATE(double)
#undef STROMA_INSTANTIATE

}  // namespace stroma::kernels
