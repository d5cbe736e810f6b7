// Pooling over all positions of each sequence [length, batch, channels], of which sequence n has
// lengths[n], or all where there are no lengths. A sequence of none gives zeros.
//   average: y[n, c] = Σ_t x[t, n, c] / lengths[n]
//   max: y[n, c] = max_t x[t, n, c]; the first of equal ones takes the gradient, as does a NaN.
#pragma once

#include <cstdint>

#include "kernels/context.h"

namespace stroma::kernels {

template <class T>
struct GlobalAveragePool1d {
  int64_t length, batch, channels;
  const T* input;          // [length, batch, channels]
  const int32_t* lengths;  // [batch], or nullptr
  T* output;               // [batch, channels]
};

template <class T>
struct GlobalAveragePool1dBackward {
  int64_t length, batch, channels;
  const T* output_grad;    // [batch, channels]
  const int32_t* lengths;  // [batch], or nullptr
  T* input_grad;           // [length, batch, channels], written
};

template <class T>
struct GlobalMaxPool1d {
  int64_t length, batch, channels;
  const T* input;          // [length, batch, channels]
  const int32_t* lengths;  // [batch], or nullptr
  T* output;               // [batch, channels]
  int32_t* positions;      // [batch, channels], written: where the maximum is, −1 of none
};

template <class T>
struct GlobalMaxPool1dBackward {
  int64_t length, batch, channels;
  const T* output_grad;      // [batch, channels]
  const int32_t* positions;  // [batch, channels]
  T* input_grad;             // [length, batch, channels], written
};

template <class T>
void global_average_pool1d(const Cpu&, const GlobalAveragePool1d<T>&);
template <class T>
void global_average_pool1d_backward(const Cpu&, const GlobalAveragePool1dBackward<T>&);
template <class T>
void global_max_pool1d(const Cpu&, const GlobalMaxPool1d<T>&);
template <class T>
void global_max_pool1d_backward(const Cpu&, const GlobalMaxPool1dBackward<T>&);

void global_average_pool1d(const Cuda&, const GlobalAveragePool1d<float>&);
void global_average_pool1d_backward(const Cuda&, const GlobalAveragePool1dBackward<float>&);
void global_max_pool1d(const Cuda&, const GlobalMaxPool1d<float>&);
void global_max_pool1d_backward(const Cuda&, const GlobalMaxPool1dBackward<float>&);

}  // namespace stroma::kernels
