// Batch normalisation (Ioffe & Szegedy 2015) of each channel over the N values that a batch has of
// it: all positions of all sequences, or where there are lengths those before them.
//   training:    μ = Σ x / N,  σ² = Σ (x − μ)² / N
//                running_mean ← (1 − m) running_mean + m μ,  running_variance likewise with
//                Σ (x − μ)² / (N − 1), and batches ← batches + 1
//   evaluation:  μ = running_mean,  σ² = running_variance
//   y = weight · x̂ + bias, x̂ = (x − μ) / √(σ² + ε), and zeros where a sequence has ended
// One value has no deviation, and none has no mean: with N ≤ 1 training does as evaluation does,
// which alone is defined there. N is known on the device alone, so that the decision is made there.
// Back, with share = 1 / N in training and 0 where μ and σ are not of the batch:
//   dx = weight / √(σ² + ε) · (dy − share Σ dy − x̂ · share Σ dy x̂)
//   dweight += Σ dy x̂,  dbias += Σ dy
#pragma once

#include <cstdint>

#include "kernels/check.h"
#include "kernels/context.h"

namespace stroma::kernels {

template <class T>
struct BatchNorm1d {
  int64_t length, batch, channels;  // of vectors the length is 1
  bool training;
  T epsilon, momentum;
  const T* input;          // [length, batch, channels]
  const int32_t* lengths;  // [batch], or nullptr
  const T* weight;         // [channels]
  const T* bias;           // [channels]
  T* running_mean;         // [channels]; written in training alone
  T* running_variance;     // [channels]; written in training alone
  int64_t* batches;        // [1]; written in training alone
  T* mean;                 // [channels], written: μ
  T* inverse_sd;           // [channels], written: 1 / √(σ² + ε)
  T* share;                // [1], written
  T* output;               // [length, batch, channels]
};

template <class T>
struct BatchNorm1dBackward {
  int64_t length, batch, channels;
  const T* input;          // [length, batch, channels]
  const int32_t* lengths;  // [batch], or nullptr
  const T* weight;         // [channels]
  const T* mean;           // [channels]
  const T* inverse_sd;     // [channels]
  const T* share;          // [1]
  const T* output_grad;    // [length, batch, channels]
  T* input_grad;           // [length, batch, channels], written; nullptr where nobody asks
  T* weight_grad;          // [channels], added to; nullptr where nobody asks
  T* bias_grad;            // [channels], added to; nullptr where nobody asks

  void check() const {
    STROMA_ASSERT(input && weight && mean && inverse_sd && share && output_grad,
                  "what gradients are made of is there");
  }
};

template <class T>
void batch_norm1d(const Cpu&, const BatchNorm1d<T>&);
template <class T>
void batch_norm1d_backward(const Cpu&, const BatchNorm1dBackward<T>&);

void batch_norm1d(const Cuda&, const BatchNorm1d<float>&);
void batch_norm1d_backward(const Cuda&, const BatchNorm1dBackward<float>&);

}  // namespace stroma::kernels
