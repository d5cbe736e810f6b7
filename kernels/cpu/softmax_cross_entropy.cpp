// Softmax and cross-entropy on the CPU. The rows are shared among threads; what they add up to is
// summed afterwards in the order of the rows.
#include "kernels/softmax_cross_entropy.h"

#include <algorithm>
#include <cmath>

#include "kernels/cpu/vector_math.h"
#include "kernels/memory.h"
#include "kernels/parallel.h"

namespace stroma::kernels {
namespace {

using vector_math::fast_exp;

/// What a row adds to the loss and to the hits.
struct RowResult {
  double loss;  // weighted
  double hit;   // 0 or 1
};

int64_t rows_per_chunk(int64_t classes) { return std::max<int64_t>(1, 4096 / classes); }

template <class T>
T row_maximum(const T* z, int64_t classes) {
  T maximum = z[0];
#pragma omp simd reduction(max : maximum)
  for (int64_t c = 0; c < classes; ++c) maximum = z[c] > maximum ? z[c] : maximum;
  return maximum;
}

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
void softmax_cross_entropy(const Cpu& cpu, const SoftmaxCrossEntropy<T>& s) {
  s.check();
  const auto weight_of = [&s](int64_t n) {
    STROMA_ASSERT(s.labels[n] >= 0 && s.labels[n] < s.classes, "a label lies in [0, classes)");
    return s.class_weights != nullptr ? s.class_weights[s.labels[n]] : T{1};
  };
  double total_weight = 0;
  for (int64_t n = 0; n < s.batch; ++n) total_weight += weight_of(n);

  Workspace<RowResult, Cpu> workspace(cpu, s.batch);
  RowResult* results = workspace.data();  // [batch]
  in_chunks(s.batch, rows_per_chunk(s.classes), [&](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; ++n) {
      const T* z = s.logits + n * s.classes;
      const int32_t label = s.labels[n];
      const double weight = weight_of(n);
      const T maximum = row_maximum(z, s.classes);
      T sum;
      if (s.logits_grad != nullptr) {
        T* grad = s.logits_grad + n * s.classes;
        sum = exponentials(z, s.classes, maximum, grad);
        const T scale = static_cast<T>(weight / total_weight);
        const T factor = scale / sum;
#pragma omp simd
        for (int64_t c = 0; c < s.classes; ++c) grad[c] *= factor;
        grad[label] -= scale;
      } else {
        sum = sum_of_exponentials(z, s.classes, maximum);
      }
      const double shifted = static_cast<double>(maximum) - static_cast<double>(z[label]);
      const bool hit = shifted == 0 && std::find(z, z + label, maximum) == z + label;
      results[n] = {weight * (std::log(static_cast<double>(sum)) + shifted), hit ? 1.0 : 0.0};
    }
  });

  double loss = 0, hits = 0;
  for (int64_t n = 0; n < s.batch; ++n) {
    loss += results[n].loss;
    hits += results[n].hit;
  }
  loss /= total_weight;
  *s.loss = static_cast<T>(loss);
  if (s.statistics != nullptr) {
    s.statistics[0] += loss * static_cast<double>(s.batch);
    s.statistics[1] += hits;
  }
}

template <class T>
void softmax(const Cpu&, int64_t batch, int64_t classes, const T* logits, T* output) {
  in_chunks(batch, rows_per_chunk(classes), [=](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; ++n) {
      const T* z = logits + n * classes;
      T* y = output + n * classes;
      const T sum = exponentials(z, classes, row_maximum(z, classes), y);
#pragma omp simd
      for (int64_t c = 0; c < classes; ++c) y[c] /= sum;
    }
  });
}

#define STROMA_INSTANTIATE(T)                                                        \
  template void softmax_cross_entropy<T>(const Cpu&, const SoftmaxCrossEntropy<T>&); \
  template void softmax<T>(const Cpu&, int64_t, int64_t, const T*, T*);
STROMA_INSTANTIATE(float)
STROMA_INSTANTIATE(double)
#undef STROMA_INSTANTIATE

}  // namespace stroma::kernels
