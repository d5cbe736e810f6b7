// GELU (Hendrycks & Gimpel 2016), with Φ and φ the distribution and density of a standard normal:
//   exact:        y = x Φ(x)                                   dx = dy (Φ(x) + x φ(x))
//   approximate:  y = x (1 + t) / 2, t = tanh(u), u = √(2/π) (x + 0.044715 x³)
//                 dx = dy ((1 + t) / 2 + x (1 − t²) u′ / 2)
// It is no function of its output: the gradient is found from the input.
#pragma once

#include <cstdint>

#include "kernels/context.h"

namespace stroma::kernels {

template <class T>
struct Gelu {
  bool approximate;
  int64_t count;
  const T* input;  // [count]
  T* output;       // [count]; may be `input`
};

template <class T>
struct GeluBackward {
  bool approximate;
  int64_t count;
  const T* input;        // [count]
  const T* output_grad;  // [count]
  T* input_grad;         // [count], written; may be `output_grad`
};

template <class T>
void gelu(const Cpu&, const Gelu<T>&);
template <class T>
void gelu_backward(const Cpu&, const GeluBackward<T>&);

void gelu(const Cuda&, const Gelu<float>&);
void gelu_backward(const Cuda&, const GeluBackward<float>&);

}  // namespace stroma::kernels
