// The update rules, each over all parameters of a model at once: parameters, gradients and moments
// are one array each. Learning rate, step count and gradient scale lie on the device.
#pragma once

#include <cstdint>

#include "kernels/context.h"

namespace stroma::kernels {

/// Adam (Kingma & Ba 2015) as in PyTorch; with `decoupled`, AdamW (Loshchilov & Hutter 2019).
///   g = gradient · gradient_scale (+ weight_decay · p unless decoupled)
///   m = β₁ m + (1 − β₁) g;  v = β₂ v + (1 − β₂) g²;  t = *step + 1
///   p −= learning_rate · (m / (1 − β₁ᵗ)) / (√(v / (1 − β₂ᵗ)) + ε), after p −= lr · weight_decay ·
///   p if decoupled
template <class T>
struct Adam {
  int64_t count;
  T* parameters;               // [count]
  const T* gradients;          // [count]
  T* first_moment;             // [count]
  T* second_moment;            // [count]
  const float* learning_rate;  // [1] on the device
  const int64_t* step;         // [1] on the device: updates done so far
  const T* gradient_scale;     // [1] on the device, or nullptr for 1
  double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weight_decay = 0;
  bool decoupled = false;
};

/// Stochastic gradient descent as in PyTorch: g as above; with momentum, buffer = momentum · buffer
/// + g (buffer = g at step 0) and p −= lr · buffer; without, p −= lr · g.
template <class T>
struct Sgd {
  int64_t count;
  T* parameters;       // [count]
  const T* gradients;  // [count]
  T* momentum_buffer;  // [count]; nullptr without momentum
  const float* learning_rate;
  const int64_t* step;
  const T* gradient_scale;  // [1] on the device, or nullptr for 1
  double momentum = 0, weight_decay = 0;
};

template <class T>
void adam_step(const Cpu&, const Adam<T>&);
template <class T>
void sgd_step(const Cpu&, const Sgd<T>&);

void adam_step(const Cuda&, const Adam<float>&);
void sgd_step(const Cuda&, const Sgd<float>&);

/// *scale = min(1, max_norm / (√(*sum_of_squares) + 1e-6)), PyTorch's clip_grad_norm_.
template <class T>
void clip_scale(const Cpu&, const T* sum_of_squares, double max_norm, T* scale);
void clip_scale(const Cuda&, const float* sum_of_squares, double max_norm, float* scale);

}  // namespace stroma::kernels
