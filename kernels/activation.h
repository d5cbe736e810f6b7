// ReLU, tanh and sigmoid. Each gradient follows from the output alone:
//   relu: dx = dy where y > 0     tanh: dx = dy (1 - y²)     sigmoid: dx = dy y (1 - y)
#pragma once

#include <cstdint>

#include "kernels/context.h"

namespace stroma::kernels {

enum class Activation { relu, tanh, sigmoid };

template <class T>
struct ActivationForward {
  Activation kind;
  int64_t count;
  const T* input;  // [count]
  T* output;       // [count]; may be `input`
};

template <class T>
struct ActivationBackward {
  Activation kind;
  int64_t count;
  const T* output;       // [count]
  const T* output_grad;  // [count]
  T* input_grad;         // [count], written; may be `output_grad`
};

template <class T>
void activation_forward(const Cpu&, const ActivationForward<T>&);
template <class T>
void activation_backward(const Cpu&, const ActivationBackward<T>&);

void activation_forward(const Cuda&, const ActivationForward<float>&);
void activation_backward(const Cuda&, const ActivationBackward<float>&);

}  // namespace stroma::kernels
