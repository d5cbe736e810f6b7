// The cell of a GRU on the GPU, for the portable kernel: as LstmCell's `step` and `step_back`. What
// it carries back beside the product is z ⊙ dh.
#pragma once

#include "kernels/cuda/recurrent_unit.cuh"

namespace stroma::kernels {

struct GruCell {
  static constexpr int gates = 3;  // r, z, n

  __device__ __forceinline__ static float step(const RecurrentForward<float>& d,
                                               const RecurrentUnit& own, int64_t walked,
                                               const float (&product)[gates]) {
    const int64_t hidden = own.hidden, row = own.row(d, walked);
    float* const gate = d.gates + row * gates * hidden + own.unit;
    const float* const bias_ih = d.bias_ih + own.unit;
    const float* const bias_hh = d.bias_hh + own.unit;
    float r = 0, z = 0, n = 0, q = 0, h = 0;
    if (RecurrentUnit::position(d, walked) < own.length(d)) {
      r = sigmoid(gate[0] + product[0] + (bias_ih[0] + bias_hh[0]));
      z = sigmoid(gate[hidden] + product[1] + (bias_ih[hidden] + bias_hh[hidden]));
      q = product[2] + bias_hh[2 * hidden];
      n = tanhf(gate[2 * hidden] + bias_ih[2 * hidden] + r * q);
      const float before =
          walked == 0 ? 0.0f : d.output[own.row(d, walked - 1) * d.output_stride + own.unit];
      h = (1 - z) * n + z * before;
    }
    gate[0] = r;
    gate[hidden] = z;
    gate[2 * hidden] = n;
    d.candidates[row * hidden + own.unit] = q;
    store_output(d, own, walked, h);
    return h;
  }

  __device__ __forceinline__ static void step_back(const RecurrentBackward<float>& d,
                                                   const RecurrentUnit& own, int64_t walked,
                                                   float hidden_grad, float& carried,
                                                   float (&product_grad)[gates]) {
    const int64_t hidden = own.hidden, row = own.row(d, walked);
    float* const gate = d.gates + row * gates * hidden + own.unit;
    float* const candidate = d.candidates + row * hidden + own.unit;
    float dr = 0, dz = 0, dn = 0, dq = 0, direct = 0;
    if (RecurrentUnit::position(d, walked) < own.length(d)) {
      const float r = gate[0], z = gate[hidden], n = gate[2 * hidden];
      const float before =
          walked == 0 ? 0.0f : d.output[own.row(d, walked - 1) * d.output_stride + own.unit];
      const float dh = hidden_grad + carried + load_output_grad(d, own, walked);
      dn = dh * (1 - z) * (1 - n * n);
      dr = dn * *candidate * r * (1 - r);
      dz = dh * (before - n) * z * (1 - z);
      dq = dn * r;
      direct = dh * z;
    }
    gate[0] = product_grad[0] = dr;
    gate[hidden] = product_grad[1] = dz;
    gate[2 * hidden] = dn;
    *candidate = product_grad[2] = dq;
    carried = direct;
  }
};

}  // namespace stroma::kernels
