// The recurrent part of a layer that walks along a sequence. The input's share of the gates,
// x · W_ihᵀ, comes ready from one matrix product over all positions; what is left depends on the
// step before, from h₋ = c₋ = 0. Gates are in PyTorch's order:
//   rnn     h = tanh(z) or max(z, 0) of z = input share + bias + W_hh · h₋
//   gru     r, z = sigmoid of (input share + bias + W_hh · h₋)
//           q = W_hn · h₋ + b_hn      n = tanh(input share + b_in + r ⊙ q)
//           h = (1 − z) ⊙ n + z ⊙ h₋
//   lstm    i, f, o = sigmoid, g = tanh of (input share + bias + W_hh · h₋)
//           c = f ⊙ c₋ + i ⊙ g        h = o ⊙ tanh(c)
// Directions and rows of a batch are independent of each other.
#pragma once

#include <cstdint>
#include <span>

#include "kernels/check.h"
#include "kernels/context.h"

namespace stroma::kernels {

enum class Cell { rnn_tanh, rnn_relu, gru, lstm };

/// Gates of a hidden unit.
constexpr int64_t gates_of(Cell cell) { return cell == Cell::lstm ? 4 : cell == Cell::gru ? 3 : 1; }

/// One direction of a layer; time-major. `reverse` walks from the last step to the first. A reverse
/// direction of which only the last position is read has one step: its pointers are to that
/// position.
template <class T>
struct RecurrentForward {
  Cell cell;
  int64_t steps, batch, hidden_size;  // steps ≥ 1
  bool reverse;
  T* gates;  // [steps, batch, gates · hidden]: the input's share in, the activated gates out
  const T* weight_hh;          // [gates · hidden, hidden]
  const T *bias_ih, *bias_hh;  // [gates · hidden]
  T* cells = nullptr;          // [steps, batch, hidden], written: c; of an lstm alone
  T* tanh_cells = nullptr;     // [steps, batch, hidden], written: tanh(c); of an lstm alone
  T* candidates = nullptr;     // [steps, batch, hidden], written: q; of a gru alone
  T* output;  // h of (step, n), [hidden] at output + (step · batch + n) · output_stride
  int64_t output_stride;
  T* final_output = nullptr;  // h after the last step that row n walks, at final_output + n ·
                              // stride; 0 of a row that walks none; or null
  int64_t final_output_stride = 0;
  // [batch]: row n ends before position lengths[n], 0 ≤ lengths[n] ≤ steps; null: none ends early.
  // No step is taken beyond: h and all else that is written are 0 there, so that a reverse
  // direction begins at a row's own last position, and nothing flows through on the way back.
  const int32_t* lengths = nullptr;

  void check() const {
    STROMA_ASSERT(steps >= 1 && batch >= 1 && hidden_size >= 1, "a recurrence has no empty extent");
    STROMA_ASSERT(gates && weight_hh && bias_ih && bias_hh && output, "all buffers are there");
    STROMA_ASSERT(
        (cell == Cell::lstm) == (cells && tanh_cells) && (cell == Cell::gru) == !!candidates,
        "the cell's own buffers are there");
    STROMA_ASSERT(
        output_stride >= hidden_size && (!final_output || final_output_stride >= hidden_size),
        "rows of the output do not overlap");
  }
};

template <class T>
struct RecurrentBackward {
  Cell cell;
  int64_t steps, batch, hidden_size;
  bool reverse;
  T* gates;  // the activated gates in; out the gradient before activation, that of the input's
             // share
  const T* weight_hh;             // [gates · hidden, hidden]
  const T* cells = nullptr;       // [steps, batch, hidden]; of an lstm alone
  const T* tanh_cells = nullptr;  // [steps, batch, hidden]; of an lstm alone
  T* candidates = nullptr;    // of a gru alone: q in, its gradient out. W_hh · h₋ + b_hh has the
                              // gradient of r and z, and this one for that of n
  const T* output = nullptr;  // of a gru alone: as the forward pass left it
  int64_t output_stride = 0;
  const T* output_grad;  // dh of (step, n), [hidden] at output_grad + (step · batch + n) · stride
  int64_t output_grad_stride;
  bool last_only;  // output_grad is that of the final output alone: n at output_grad + n · stride
  const int32_t* lengths = nullptr;  // [batch], those of the forward pass, or null

  void check() const {
    STROMA_ASSERT(steps >= 1 && batch >= 1 && hidden_size >= 1, "a recurrence has no empty extent");
    STROMA_ASSERT(gates && weight_hh && output_grad, "all buffers are there");
    STROMA_ASSERT((cell == Cell::lstm) == (cells && tanh_cells) &&
                      (cell == Cell::gru) == (candidates && output),
                  "the cell's own buffers are there");
    STROMA_ASSERT(output_grad_stride >= hidden_size && (!output || output_stride >= hidden_size),
                  "rows of the gradient do not overlap");
  }
};

/// What holds of the directions of a layer together.
template <class Direction>
void check_directions(std::span<const Direction> directions) {
  STROMA_ASSERT(directions.size() == 1 || directions.size() == 2,
                "there are one or two directions");
  for (const Direction& direction : directions) {
    direction.check();
    STROMA_ASSERT(direction.cell == directions[0].cell && direction.batch == directions[0].batch &&
                      direction.hidden_size == directions[0].hidden_size,
                  "directions have one cell, one batch and one hidden size");
  }
}

/// All directions of a layer, side by side. On a GPU an lstm of 32, 64, 128 or 256 hidden units
/// keeps its weights on the chip for all steps; any other size, an rnn and a gru read them from the
/// L2 cache at every step (kernels/cuda/recurrent.h).
template <class T>
void recurrent_forward(const Cpu&, std::span<const RecurrentForward<T>> directions);
template <class T>
void recurrent_backward(const Cpu&, std::span<const RecurrentBackward<T>> directions);

void recurrent_forward(const Cuda&, std::span<const RecurrentForward<float>> directions);
void recurrent_backward(const Cuda&, std::span<const RecurrentBackward<float>> directions);

}  // namespace stroma::kernels
