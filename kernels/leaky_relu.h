// Leaky ReLU (Maas, Hannun & Ng 2013):
//   y = x where x ≥ 0, slope · x below it        dx = dy, or slope · dy
// The gradient is found from the input, so that any slope will do.
#pragma once

#include <cstdint>

#include "kernels/context.h"

namespace stroma::kernels {

template <class T>
struct LeakyRelu {
  int64_t count;
  T slope;
  const T* input;  // [count]
  T* output;       // [count]; may be `input`
};

template <class T>
struct LeakyReluBackward {
  int64_t count;
  T slope;
  const T* input;        // [count]
  const T* output_grad;  // [count]
  T* input_grad;         // [count], written; may be `output_grad`
};

template <class T>
void leaky_relu(const Cpu&, const LeakyRelu<T>&);
template <class T>
void leaky_relu_backward(const Cpu&, const LeakyReluBackward<T>&);

void leaky_relu(const Cuda&, const LeakyRelu<float>&);
void leaky_relu_backward(const Cuda&, const LeakyReluBackward<float>&);

}  // namespace stroma::kernels
