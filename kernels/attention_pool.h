// A mean of the positions of each sequence, weighted by the softmax of a score of each:
//   a[t, n] = exp s[t, n] / Σ_{t' < lengths[n]} exp s[t', n]      y[n, :] = Σ_t a[t, n] · x[t, n,
//   :]
// and 0 for a sequence of no positions. Backward:
//   dx[t, n, :] = a[t, n] · dy[n, :]       ds[t, n] = a[t, n] · (dy[n, :] · x[t, n, :] − dy[n, :] ·
//   y[n, :])
#pragma once

#include <cstdint>

#include "kernels/check.h"
#include "kernels/context.h"

namespace stroma::kernels {

template <class T>
struct AttentionPool {
  int64_t length, batch, channels;
  const T* input;          // [length, batch, channels]
  const T* scores;         // [length, batch]
  const int32_t* lengths;  // [batch]; nullptr: all positions count
  T* weights;              // a, [length, batch], written: 0 beyond the lengths
  T* output;               // [batch, channels]
};

template <class T>
struct AttentionPoolBackward {
  int64_t length, batch, channels;
  const T* input;        // [length, batch, channels]; read for the gradient of the scores alone,
  const T* output;       // [batch, channels], as is this
  const T* weights;      // [length, batch]
  const T* output_grad;  // [batch, channels]
  T* input_grad;         // [length, batch, channels], written; nullptr where nobody asks
  T* scores_grad;        // [length, batch], written; nullptr where nobody asks
};

template <class T>
void attention_pool(const Cpu&, const AttentionPool<T>&);
template <class T>
void attention_pool_backward(const Cpu&, const AttentionPoolBackward<T>&);

void attention_pool(const Cuda&, const AttentionPool<float>&);
void attention_pool_backward(const Cuda&, const AttentionPoolBackward<float>&);

}  // namespace stroma::kernels
