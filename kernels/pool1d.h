// Pooling along a sequence, over [length, batch, channels].
//   max: y[t, n, c] = max over the window of x; with `relu`, max(y, 0): ReLU and pooling commute.
//   average: the sum over the window ÷ window, padding counted as zeros (PyTorch's default).
// Padded positions never win a maximum. On a tie the first position takes the gradient.
#pragma once

#include <cstdint>

#include "kernels/check.h"
#include "kernels/context.h"

namespace stroma::kernels {

struct Pool1dShape {
  int64_t length, batch, channels;
  int64_t window, stride, padding = 0;  // padding ≤ window / 2

  int64_t out_length() const { return (length + 2 * padding - window) / stride + 1; }

  void check() const {
    STROMA_ASSERT(length >= 1 && batch >= 1 && channels >= 1 && window >= 1 && stride >= 1,
                  "pooling has no empty extent");
    STROMA_ASSERT(padding >= 0 && padding <= window / 2, "a window is not half padding");
    STROMA_ASSERT(window <= length + 2 * padding, "the window fits the padded input");
  }
};

template <class T>
struct MaxPool1dForward {
  Pool1dShape shape;
  bool relu;
  const T* input;  // [length, batch, channels]
  T* output;       // [out_length, batch, channels]
};

template <class T>
struct MaxPool1dBackward {
  Pool1dShape shape;
  bool relu;
  const T* input;        // [length, batch, channels]
  const T* output;       // [out_length, batch, channels]
  const T* output_grad;  // [out_length, batch, channels]
  T* input_grad;         // [length, batch, channels], written
};

template <class T>
struct AveragePool1dForward {
  Pool1dShape shape;
  const T* input;  // [length, batch, channels]
  T* output;       // [out_length, batch, channels]
};

template <class T>
struct AveragePool1dBackward {
  Pool1dShape shape;
  const T* output_grad;  // [out_length, batch, channels]
  T* input_grad;         // [length, batch, channels], written
};

template <class T>
void max_pool1d_forward(const Cpu&, const MaxPool1dForward<T>&);
template <class T>
void max_pool1d_backward(const Cpu&, const MaxPool1dBackward<T>&);
template <class T>
void average_pool1d_forward(const Cpu&, const AveragePool1dForward<T>&);
template <class T>
void average_pool1d_backward(const Cpu&, const AveragePool1dBackward<T>&);

void max_pool1d_forward(const Cuda&, const MaxPool1dForward<float>&);
void max_pool1d_backward(const Cuda&, const MaxPool1dBackward<float>&);
void average_pool1d_forward(const Cuda&, const AveragePool1dForward<float>&);
void average_pool1d_backward(const Cuda&, const AveragePool1dBackward<float>&);

}  // namespace stroma::kernels
