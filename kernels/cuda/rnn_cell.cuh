// The cell of a plain RNN on the GPU, for the portable kernel: as LstmCell's `step` and
// `step_back`. It carries nothing back beside the product.
#pragma once

#include "kernels/cuda/recurrent_unit.cuh"

namespace stroma::kernels {

struct RnnCell {
  static constexpr int gates = 1;

  __device__ __forceinline__ static float step(const RecurrentForward<float>& d,
                                               const RecurrentUnit& own, int64_t walked,
                                               const float (&product)[gates]) {
    float* const gate = d.gates + own.row(d, walked) * own.hidden + own.unit;
    float h = 0;
    if (RecurrentUnit::position(d, walked) < own.length(d)) {
      const float z = *gate + product[0] + (d.bias_ih[own.unit] + d.bias_hh[own.unit]);
      h = d.cell == Cell::rnn_tanh ? tanhf(z) : z < 0 ? 0.0f : z;  // NaN stays NaN
    }
    *gate = h;
    store_output(d, own, walked, h);
    return h;
  }

  __device__ __forceinline__ static void step_back(const RecurrentBackward<float>& d,
                                                   const RecurrentUnit& own, int64_t walked,
                                                   float hidden_grad, float& /*carried*/,
                                                   float (&product_grad)[gates]) {
    float* const gate = d.gates + own.row(d, walked) * own.hidden + own.unit;
    const float h = *gate, dh = hidden_grad + load_output_grad(d, own, walked);
    float dz = d.cell == Cell::rnn_tanh ? dh * (1 - h * h) : h > 0 ? dh : 0.0f;
    if (RecurrentUnit::position(d, walked) >= own.length(d)) dz = 0;
    *gate = product_grad[0] = dz;
  }
};

}  // namespace stroma::kernels
