// Pooling by attention on the CPU: a piece a sequence.
#include "kernels/attention_pool.h"

#include <algorithm>

#include "kernels/cpu/vector_math.h"
#include "kernels/parallel.h"

namespace stroma::kernels {
namespace {

/// Σ a[c] · b[c].
template <class T>
T dot(const T* a, const T* b, int64_t channels) {
  T sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int64_t c = 0; c < channels; ++c) sum += a[c] * b[c];
  return sum;
}

/// The weights of sequence n, of which `length` positions count.
template <class T>
void softmax(const AttentionPool<T>& p, int64_t n, int64_t length) {
  T maximum = length > 0 ? p.scores[n] : T(0);
  for (int64_t t = 1; t < length; ++t) maximum = std::max(maximum, p.scores[t * p.batch + n]);
  T sum = 0;
  for (int64_t t = 0; t < length; ++t) {
    T& weight = p.weights[t * p.batch + n];
    weight = vector_math::fast_exp(p.scores[t * p.batch + n] - maximum);
    sum += weight;
  }
  for (int64_t t = 0; t < length; ++t) p.weights[t * p.batch + n] /= sum;
  for (int64_t t = length; t < p.length; ++t) p.weights[t * p.batch + n] = 0;
}

}  // namespace

template <class T>
void attention_pool(const Cpu&, const AttentionPool<T>& p) {
  in_pieces(p.batch, [&](int64_t n) {
    const int64_t length = p.lengths ? p.lengths[n] : p.length;
    STROMA_ASSERT(length >= 0 && length <= p.length, "no sequence is longer than all positions");
    softmax(p, n, length);
    T* const y = p.output + n * p.channels;
    std::fill_n(y, p.channels, T(0));
    for (int64_t t = 0; t < length; ++t) {
      const T weight = p.weights[t * p.batch + n];
      const T* const x = p.input + (t * p.batch + n) * p.channels;
#pragma omp simd
      for (int64_t c = 0; c < p.channels; ++c) y[c] += weight * x[c];
    }
  });
}

template <class T>
void attention_pool_backward(const Cpu&, const AttentionPoolBackward<T>& p) {
  in_pieces(p.batch, [&](int64_t n) {
    const T* const dy = p.output_grad + n * p.channels;
    const T mean = p.scores_grad ? dot(dy, p.output + n * p.channels, p.channels) : T(0);
    for (int64_t t = 0; t < p.length; ++t) {
      const int64_t row = t * p.batch + n;
      const T weight = p.weights[row];
      if (p.scores_grad) {
        p.scores_grad[row] = weight * (dot(dy, p.input + row * p.channels, p.channels) - mean);
      }
      if (!p.input_grad) continue;
      T* const dx = p.input_grad + row * p.channels;
#pragma omp simd
      for (int64_t c = 0; c < p.channels; ++c) dx[c] = weight * dy[c];
    }
  });
}

#define STROMA_INSTANTIATE(T)                                           \
  template void attention_pool<T>(const Cpu&, const AttentionPool<T>&); \
  template void attention_pool_backward<T>(const Cpu&, const AttentionPoolBackward<T>&);
STROMA_INSTANTIATE(float)
STROMA_INSTANTIATE(double)
#undef STROMA_INSTANTIATE

}  // namespace stroma::kernels
