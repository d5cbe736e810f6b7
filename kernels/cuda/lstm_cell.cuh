// The cell of an LSTM on the GPU: where the numbers of a step lie, from the four sums of a unit and
// the cell before to the new state, and back. The persistent kernels plug its parts into their own
// walk; `step` and `step_back` are what the portable one asks of any cell (recurrent.cu).
#pragma once

#include "kernels/cuda/recurrent_unit.cuh"

namespace stroma::kernels {

struct LstmCell {
  static constexpr int gates = 4;  // i, f, g, o

  struct State {
    float gate[gates];  // activated
    float cell, tanh_cell, output;
  };

  /// What the way back needs of a step.
  struct Saved {
    float gate[gates];
    float cell_before, tanh_cell;
    float output_grad;  // without the part that comes through the step after
  };

  __device__ __forceinline__ static float bias(const RecurrentForward<float>& d,
                                               const RecurrentUnit& own, int gate) {
    const int64_t at = gate * own.hidden + own.unit;
    return d.bias_ih[at] + d.bias_hh[at];
  }

  /// The input's share of the sums at a step.
  __device__ __forceinline__ static void load(const RecurrentForward<float>& d,
                                              const RecurrentUnit& own, int64_t walked,
                                              float (&sum)[gates]) {
    const float* const gate = d.gates + own.row(d, walked) * gates * own.hidden + own.unit;
#pragma unroll
    for (int g = 0; g < gates; ++g) sum[g] = gate[g * own.hidden];
  }

  __device__ __forceinline__ static State forward(const float (&sum)[gates], float cell_before) {
    State s;
    s.gate[0] = sigmoid(sum[0]);
    s.gate[1] = sigmoid(sum[1]);
    s.gate[2] = tanhf(sum[2]);
    s.gate[3] = sigmoid(sum[3]);
    s.cell = s.gate[1] * cell_before + s.gate[0] * s.gate[2];
    s.tanh_cell = tanhf(s.cell);
    s.output = s.gate[3] * s.tanh_cell;
    return s;
  }

  __device__ __forceinline__ static void store(const RecurrentForward<float>& d,
                                               const RecurrentUnit& own, int64_t walked,
                                               const State& s) {
    const int64_t row = own.row(d, walked);
    float* const gate = d.gates + row * gates * own.hidden + own.unit;
#pragma unroll
    for (int g = 0; g < gates; ++g) gate[g * own.hidden] = s.gate[g];
    d.cells[row * own.hidden + own.unit] = s.cell;
    d.tanh_cells[row * own.hidden + own.unit] = s.tanh_cell;
    store_output(d, own, walked, s.output);
  }

  __device__ __forceinline__ static Saved load(const RecurrentBackward<float>& d,
                                               const RecurrentUnit& own, int64_t walked) {
    const int64_t row = own.row(d, walked);
    const float* const gate = d.gates + row * gates * own.hidden + own.unit;
    Saved s{};
#pragma unroll
    for (int g = 0; g < gates; ++g) s.gate[g] = gate[g * own.hidden];
    if (walked > 0) s.cell_before = d.cells[own.row(d, walked - 1) * own.hidden + own.unit];
    s.tanh_cell = d.tanh_cells[row * own.hidden + own.unit];
    s.output_grad = load_output_grad(d, own, walked);
    return s;
  }

  /// Replaces the activated gates by the gradient of their sums, and the gradient of the cell (from
  /// the step after) by that of the cell before.
  __device__ __forceinline__ static void backward(Saved& s, float& cell_grad) {
    const float i = s.gate[0], f = s.gate[1], g = s.gate[2], o = s.gate[3];
    const float dc = cell_grad + s.output_grad * o * (1 - s.tanh_cell * s.tanh_cell);
    s.gate[0] = dc * g * i * (1 - i);
    s.gate[1] = dc * s.cell_before * f * (1 - f);
    s.gate[2] = dc * i * (1 - g * g);
    s.gate[3] = s.output_grad * s.tanh_cell * o * (1 - o);
    cell_grad = dc * f;
  }

  __device__ __forceinline__ static void store(const RecurrentBackward<float>& d,
                                               const RecurrentUnit& own, int64_t walked,
                                               const float (&gate_grad)[gates]) {
    float* const gate = d.gates + own.row(d, walked) * gates * own.hidden + own.unit;
#pragma unroll
    for (int g = 0; g < gates; ++g) gate[g * own.hidden] = gate_grad[g];
  }

  /// A step of the portable kernel from the recurrent product; returns h.
  __device__ __forceinline__ static float step(const RecurrentForward<float>& d,
                                               const RecurrentUnit& own, int64_t walked,
                                               const float (&product)[gates]) {
    float sum[gates];
    load(d, own, walked, sum);
    for (int g = 0; g < gates; ++g) sum[g] = product[g] + (sum[g] + bias(d, own, g));
    const float before =
        walked == 0 ? 0.0f : d.cells[own.row(d, walked - 1) * own.hidden + own.unit];
    State s = forward(sum, before);
    if (RecurrentUnit::position(d, walked) >= own.length(d)) s = {};
    store(d, own, walked, s);
    return s.output;
  }

  /// A step of the portable kernel on its way back, from what the step after hands on: the gradient
  /// of h through the product, and of the cell, which becomes that of the cell before.
  /// product_grad: of the recurrent product.
  __device__ __forceinline__ static void step_back(const RecurrentBackward<float>& d,
                                                   const RecurrentUnit& own, int64_t walked,
                                                   float hidden_grad, float& carried,
                                                   float (&product_grad)[gates]) {
    Saved saved = load(d, own, walked);
    saved.output_grad += hidden_grad;
    backward(saved, carried);
    store(d, own, walked, saved.gate);
    for (int g = 0; g < gates; ++g) product_grad[g] = saved.gate[g];
  }
};

}  // namespace stroma::kernels
