// What a recurrent kernel asks of its cell: from the four sums of a unit and the cell before to the
// new state, and back. Another cell is another struct of this shape.
#pragma once

#include "kernels/cuda/cuda.h"

namespace stroma::kernels {

__device__ __forceinline__ float sigmoid(float x) { return 1.0f / (1.0f + expf(-x)); }

struct LstmCell {
  static constexpr int gates = 4;  // i, f, g, o

  struct State {
    float gate[gates];  // activated
    float cell, tanh_cell, output;
  };

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

  /// Replaces the activated gates by the gradient of their sums, and the gradient of the cell (from
  /// the step after) by that of the cell before.
  __device__ __forceinline__ static void backward(float (&gate)[gates], float cell_before,
                                                  float tanh_cell, float output_grad,
                                                  float& cell_grad) {
    const float i = gate[0], f = gate[1], g = gate[2], o = gate[3];
    const float dc = cell_grad + output_grad * o * (1 - tanh_cell * tanh_cell);
    gate[0] = dc * g * i * (1 - i);
    gate[1] = dc * cell_before * f * (1 - f);
    gate[2] = dc * i * (1 - g * g);
    gate[3] = output_grad * tanh_cell * o * (1 - o);
    cell_grad = dc * f;
  }
};

}  // namespace stroma::kernels
