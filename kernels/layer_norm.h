// Layer normalisation (Ba, Kiros & Hinton 2016) of rows, the channels of one position each:
//   μ = Σ_c x[c] / C,  σ² = Σ_c (x[c] − μ)² / C,  x̂[c] = (x[c] − μ) / √(σ² + ε),
//   y[c] = weight[c] · x̂[c] + bias[c]
// and back, with g[c] = dy[c] · weight[c]:
//   dx[c] = (g[c] − Σ g / C − x̂[c] · Σ g x̂ / C) / √(σ² + ε)
//   dweight[c] += Σ_rows dy[c] · x̂[c],  dbias[c] += Σ_rows dy[c]
#pragma once

#include <cstdint>

#include "kernels/check.h"
#include "kernels/context.h"

namespace stroma::kernels {

template <class T>
struct LayerNorm {
  int64_t rows, channels;
  T epsilon;
  const T* input;   // [rows, channels]
  const T* weight;  // [channels]
  const T* bias;    // [channels]
  T* mean;          // [rows], written: μ
  T* inverse_sd;    // [rows], written: 1 / √(σ² + ε)
  T* output;        // [rows, channels]
};

template <class T>
struct LayerNormBackward {
  int64_t rows, channels;
  const T* input;        // [rows, channels]
  const T* weight;       // [channels]; read for input_grad alone
  const T* mean;         // [rows]
  const T* inverse_sd;   // [rows]
  const T* output_grad;  // [rows, channels]
  T* input_grad;         // [rows, channels], written; nullptr where nobody asks
  T* weight_grad;        // [channels], added to; nullptr where nobody asks
  T* bias_grad;          // [channels], added to; nullptr where nobody asks

  void check() const {
    STROMA_ASSERT(input && mean && inverse_sd && output_grad && (!input_grad || weight),
                  "what the gradients that are asked for are made of is there");
  }
};

template <class T>
void layer_norm(const Cpu&, const LayerNorm<T>&);
template <class T>
void layer_norm_backward(const Cpu&, const LayerNormBackward<T>&);

void layer_norm(const Cuda&, const LayerNorm<float>&);
void layer_norm_backward(const Cuda&, const LayerNormBackward<float>&);

}  // namespace stroma::kernels
