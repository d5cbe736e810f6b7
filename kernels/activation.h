// ReLU, tanh, sigmoid, ELU (Clevert, Unterthiner & Hochreiter 2016; x where x ≥ 0, α (eˣ − 1) below
// it) and softplus (ln(1 + eˣ)). Each gradient follows from the output alone:
//   relu: dx = dy where y > 0     tanh: dx = dy (1 - y²)     sigmoid: dx = dy y (1 - y)
//   elu: dx = dy where y ≥ 0, dy (y + α) below it            softplus: dx = dy (1 - e^-y)
#pragma once

#include <cstdint>

#include "kernels/context.h"

namespace stroma::kernels {

enum class Activation { relu, tanh, sigmoid, elu, softplus };

template <class T>
struct ActivationForward {
  Activation kind;
  int64_t count;
  const T* input;  // [count]
  T* output;       // [count]; may be `input`
  T alpha = 1;     // of ELU, at least 0
};

template <class T>
struct ActivationBackward {
  Activation kind;
  int64_t count;
  const T* output;       // [count]
  const T* output_grad;  // [count]
  T* input_grad;         // [count], written; may be `output_grad`
  T alpha = 1;           // of ELU, as in the forward pass
};

template <class T>
void activation_forward(const Cpu&, const ActivationForward<T>&);
template <class T>
void activation_backward(const Cpu&, const ActivationBackward<T>&);

void activation_forward(const Cuda&, const ActivationForward<float>&);
void activation_backward(const Cuda&, const ActivationBackward<float>&);

}  // namespace stroma::kernels
