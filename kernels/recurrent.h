// The recurrent part of an LSTM layer. The input's share of the gates, x · W_ihᵀ, comes ready from
// one matrix product over all positions; what is left depends on the step before:
//   i, f, o = sigmoid, g = tanh of (input share + bias + W_hh · h₋)    gate order i, f, g, o
//   (PyTorch) c = f ⊙ c₋ + i ⊙ g       h = o ⊙ tanh(c)
// from h₋ = c₋ = 0. Directions and rows of a batch are independent of each other.
#pragma once

#include <cstdint>
#include <span>

#include "kernels/check.h"
#include "kernels/context.h"

namespace stroma::kernels {

/// One direction of a layer; time-major. `reverse` walks from the last step to the first. A reverse
/// direction of which only the last position is read has one step: its pointers are to that
/// position.
template <class T>
struct LstmForward {
  int64_t steps, batch, hidden_size;  // steps ≥ 1
  bool reverse;
  T* gates;            // [steps, batch, 4 · hidden]: the input's share in, the activated gates out
  const T* weight_hh;  // [4 · hidden, hidden]
  const T *bias_ih, *bias_hh;  // [4 · hidden], of which the sum is added
  T* cells;                    // [steps, batch, hidden], written: c
  T* tanh_cells;               // [steps, batch, hidden], written: tanh(c)
  T* output;  // h of (step, n), [hidden] at output + (step · batch + n) · output_stride
  int64_t output_stride;
  T* final_output =
      nullptr;  // h after the last step walked, n at final_output + n · stride; or null
  int64_t final_output_stride = 0;
  // [batch]: row n ends before position lengths[n], 0 ≤ lengths[n] ≤ steps; null: none ends early.
  // No step is taken beyond: h, c, tanh(c) and the gates are written as 0 there, so that a reverse
  // direction begins at a row's own last position, and nothing flows through on the way back.
  const int32_t* lengths = nullptr;

  void check() const {
    STROMA_ASSERT(steps >= 1 && batch >= 1 && hidden_size >= 1, "a recurrence has no empty extent");
    STROMA_ASSERT(gates && weight_hh && bias_ih && bias_hh && cells && tanh_cells && output,
                  "all buffers are there");
    STROMA_ASSERT(
        output_stride >= hidden_size && (!final_output || final_output_stride >= hidden_size),
        "rows of the output do not overlap");
    STROMA_ASSERT(!final_output || !lengths, "rows that end early have no last step in common");
  }
};

template <class T>
struct LstmBackward {
  int64_t steps, batch, hidden_size;
  bool reverse;
  T* gates;              // the activated gates in, the gradient before activation out
  const T* weight_hh;    // [4 · hidden, hidden]
  const T* cells;        // [steps, batch, hidden]
  const T* tanh_cells;   // [steps, batch, hidden]
  const T* output_grad;  // dh of (step, n), [hidden] at output_grad + (step · batch + n) · stride
  int64_t output_grad_stride;
  bool last_only;  // output_grad is that of the step walked last alone: n at output_grad + n ·
                   // stride

  void check() const {
    STROMA_ASSERT(steps >= 1 && batch >= 1 && hidden_size >= 1, "a recurrence has no empty extent");
    STROMA_ASSERT(gates && weight_hh && cells && tanh_cells && output_grad,
                  "all buffers are there");
    STROMA_ASSERT(output_grad_stride >= hidden_size, "rows of the gradient do not overlap");
  }
};

/// What holds of the directions of a layer together.
template <class Direction>
void check_directions(std::span<const Direction> directions) {
  STROMA_ASSERT(directions.size() == 1 || directions.size() == 2,
                "there are one or two directions");
  for (const Direction& direction : directions) {
    direction.check();
    STROMA_ASSERT(direction.batch == directions[0].batch &&
                      direction.hidden_size == directions[0].hidden_size,
                  "directions have one batch and one hidden size");
  }
}

/// All directions of a layer, side by side.
template <class T>
void lstm_forward(const Cpu&, std::span<const LstmForward<T>> directions);
template <class T>
void lstm_backward(const Cpu&, std::span<const LstmBackward<T>> directions);

void lstm_forward(const Cuda&, std::span<const LstmForward<float>> directions);
void lstm_backward(const Cuda&, std::span<const LstmBackward<float>> directions);

}  // namespace stroma::kernels
