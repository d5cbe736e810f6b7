// What a recurrent kernel asks of its cell: where the numbers of a step lie, from the four sums of
// a unit and the cell before to the new state, and back. Another cell is another struct of this
// shape.
#pragma once

#include "kernels/cuda/cuda.h"
#include "kernels/recurrent.h"

namespace stroma::kernels {

__device__ __forceinline__ float sigmoid(float x) { return 1.0f / (1.0f + expf(-x)); }

/// One hidden unit in one row of the batch, which a thread takes through all steps.
struct RecurrentUnit {
  int64_t n, unit, hidden;

  /// Step number `walked` of the walk, as a position of the sequence and as a row of the buffers.
  template <class Direction>
  __device__ __forceinline__ static int64_t position(const Direction& d, int64_t walked) {
    return d.reverse ? d.steps - 1 - walked : walked;
  }
  template <class Direction>
  __device__ __forceinline__ int64_t row(const Direction& d, int64_t walked) const {
    return position(d, walked) * d.batch + n;
  }

  /// The positions of the row's sequence that are no padding.
  template <class Direction>
  __device__ __forceinline__ int length(const Direction& d) const {
    const bool ends_early = d.lengths != nullptr && n < d.batch;
    return ends_early ? d.lengths[n] : static_cast<int>(d.steps);
  }
};

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

  __device__ __forceinline__ static float bias(const LstmForward<float>& d,
                                               const RecurrentUnit& own, int gate) {
    const int64_t at = gate * own.hidden + own.unit;
    return d.bias_ih[at] + d.bias_hh[at];
  }

  /// The input's share of the sums at a step.
  __device__ __forceinline__ static void load(const LstmForward<float>& d, const RecurrentUnit& own,
                                              int64_t walked, float (&sum)[gates]) {
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

  __device__ __forceinline__ static void store(const LstmForward<float>& d,
                                               const RecurrentUnit& own, int64_t walked,
                                               const State& s) {
    const int64_t row = own.row(d, walked);
    float* const gate = d.gates + row * gates * own.hidden + own.unit;
#pragma unroll
    for (int g = 0; g < gates; ++g) gate[g * own.hidden] = s.gate[g];
    d.cells[row * own.hidden + own.unit] = s.cell;
    d.tanh_cells[row * own.hidden + own.unit] = s.tanh_cell;
    d.output[row * d.output_stride + own.unit] = s.output;
    if (walked == d.steps - 1 && d.final_output != nullptr) {
      d.final_output[own.n * d.final_output_stride + own.unit] = s.output;
    }
  }

  __device__ __forceinline__ static Saved load(const LstmBackward<float>& d,
                                               const RecurrentUnit& own, int64_t walked) {
    const int64_t row = own.row(d, walked);
    const float* const gate = d.gates + row * gates * own.hidden + own.unit;
    Saved s{};
#pragma unroll
    for (int g = 0; g < gates; ++g) s.gate[g] = gate[g * own.hidden];
    if (walked > 0) s.cell_before = d.cells[own.row(d, walked - 1) * own.hidden + own.unit];
    s.tanh_cell = d.tanh_cells[row * own.hidden + own.unit];
    if (!d.last_only) {
      s.output_grad = d.output_grad[row * d.output_grad_stride + own.unit];
    } else if (walked == d.steps - 1) {
      s.output_grad = d.output_grad[own.n * d.output_grad_stride + own.unit];
    }
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

  __device__ __forceinline__ static void store(const LstmBackward<float>& d,
                                               const RecurrentUnit& own, int64_t walked,
                                               const float (&gate_grad)[gates]) {
    float* const gate = d.gates + own.row(d, walked) * gates * own.hidden + own.unit;
#pragma unroll
    for (int g = 0; g < gates; ++g) gate[g * own.hidden] = gate_grad[g];
  }
};

}  // namespace stroma::kernels
