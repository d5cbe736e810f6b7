// Chooses how to run a recurrence, and the portable way: a block takes some rows of the batch
// through all steps of one direction. It keeps h in shared memory and reads the recurrent matrix
// from the L2 cache at every step, so that any hidden size works.
#include <algorithm>

#include "kernels/cuda/lstm_cell.cuh"
#include "kernels/cuda/recurrent.h"
#include "kernels/cuda/rounding.h"
#include "kernels/memory.h"

namespace stroma::kernels {
namespace {

constexpr int rows = 4;  // of the batch, a block: each weight that is read serves four rows

/// transposed[k][g] = weight[g][k] of each direction, as a factor, so that neighbouring units read
/// neighbouring weights: [4 · hidden, hidden] to [hidden, 4 · hidden].
template <Precision precision>
__global__ void transpose_kernel(Directions<LstmForward<float>> all, float* transposed) {
  const LstmForward<float>& d = all.direction[blockIdx.y];
  const int64_t gates = 4 * d.hidden_size, count = gates * d.hidden_size;
  const int64_t i = int64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  if (i < count) {
    const float weight = d.weight_hh[i % gates * d.hidden_size + i / gates];
    transposed[blockIdx.y * count + i] = round_factor<precision>(weight);
  }
}

/// grid: (tiles of rows, directions). Threads share the units. shared: h as a factor,
/// [2, rows, hidden].
template <Precision precision>
__global__ void lstm_forward_kernel(Directions<LstmForward<float>> all, const float* transposed) {
  const LstmForward<float>& d = all.direction[blockIdx.y];
  const int64_t hidden = d.hidden_size, first_row = int64_t{blockIdx.x} * rows;
  const float* weight = transposed + blockIdx.y * 4 * hidden * hidden;  // [hidden, 4 · hidden]
  float* h = shared_memory<float>();
  float* h_next = h + rows * hidden;

  for (int64_t walked = 0; walked < d.steps; ++walked) {
    for (int64_t unit = threadIdx.x; unit < hidden; unit += blockDim.x) {
      float sum[rows][LstmCell::gates] = {};
      if (walked > 0) {
        for (int64_t k = 0; k < hidden; ++k) {
          for (int gate = 0; gate < LstmCell::gates; ++gate) {
            const float w = weight[(k * 4 + gate) * hidden + unit];
            for (int r = 0; r < rows; ++r) sum[r][gate] += w * h[r * hidden + k];
          }
        }
      }
      for (int r = 0; r < rows; ++r) {
        const RecurrentUnit own{first_row + r, unit, hidden};
        h_next[r * hidden + unit] = 0;
        if (own.n >= d.batch) continue;
        float input[LstmCell::gates];
        LstmCell::load(d, own, walked, input);
        for (int gate = 0; gate < LstmCell::gates; ++gate) {
          sum[r][gate] += input[gate] + LstmCell::bias(d, own, gate);
        }
        const float before = walked == 0 ? 0.0f : d.cells[own.row(d, walked - 1) * hidden + unit];
        const LstmCell::State s = LstmCell::forward(sum[r], before);
        LstmCell::store(d, own, walked, s);
        h_next[r * hidden + unit] = round_factor<precision>(s.output);
      }
    }
    __syncthreads();
    float* const swap = h;
    h = h_next;
    h_next = swap;
  }
}

/// grid: (tiles of rows, directions). shared: the gradients of the gates as factors,
/// [rows, 4 · hidden]; of h through the step after, [rows, hidden]; of the cell, [rows, hidden].
template <Precision precision>
__global__ void lstm_backward_kernel(Directions<LstmBackward<float>> all) {
  const LstmBackward<float>& d = all.direction[blockIdx.y];
  const int64_t hidden = d.hidden_size, first_row = int64_t{blockIdx.x} * rows;
  float* gate_grad = shared_memory<float>();
  float* hidden_grad = gate_grad + rows * 4 * hidden;
  float* cell_grad = hidden_grad + rows * hidden;

  for (int64_t walked = d.steps - 1; walked >= 0; --walked) {
    const bool last = walked == d.steps - 1;
    for (int64_t unit = threadIdx.x; unit < hidden; unit += blockDim.x) {
      for (int r = 0; r < rows; ++r) {
        const RecurrentUnit own{first_row + r, unit, hidden};
        LstmCell::Saved saved{};
        float dc = last ? 0.0f : cell_grad[r * hidden + unit];
        if (own.n < d.batch) {
          saved = LstmCell::load(d, own, walked);
          if (!last) saved.output_grad += hidden_grad[r * hidden + unit];
          LstmCell::backward(saved, dc);
          LstmCell::store(d, own, walked, saved.gate);
        }
        for (int g = 0; g < LstmCell::gates; ++g) {
          gate_grad[(r * 4 + g) * hidden + unit] = round_factor<precision>(saved.gate[g]);
        }
        cell_grad[r * hidden + unit] = dc;
      }
    }
    if (walked == 0) return;
    __syncthreads();
    for (int64_t k = threadIdx.x; k < hidden; k += blockDim.x) {
      float sum[rows] = {};
      for (int64_t g = 0; g < 4 * hidden; ++g) {
        const float w = round_factor<precision>(d.weight_hh[g * hidden + k]);
        for (int r = 0; r < rows; ++r) sum[r] += w * gate_grad[r * 4 * hidden + g];
      }
      for (int r = 0; r < rows; ++r) hidden_grad[r * hidden + k] = sum[r];
    }
    __syncthreads();
  }
}

template <class Direction>
LaunchConfig config(const Cuda& cuda, const Directions<Direction>& all, int64_t shared_floats) {
  const int64_t hidden = all.direction[0].hidden_size;
  const auto tiles = static_cast<unsigned>((all.direction[0].batch + rows - 1) / rows);
  const auto threads = static_cast<unsigned>(std::min<int64_t>(512, (hidden + 31) / 32 * 32));
  return {.grid = {tiles, static_cast<unsigned>(all.count), 1},
          .block = threads,
          .shared_bytes = static_cast<std::size_t>(shared_floats) * sizeof(float),
          .stream = cuda.stream};
}

template <class Direction>
Directions<Direction> as_argument(std::span<const Direction> directions) {
  Directions<Direction> all{};
  for (const Direction& direction : directions) all.direction[all.count++] = direction;
  return all;
}

}  // namespace

void lstm_forward_portable(const Cuda& cuda, const Directions<LstmForward<float>>& all) {
  const int64_t hidden = all.direction[0].hidden_size, weights = 4 * hidden * hidden;
  Workspace<float, Cuda> transposed(cuda, weights * all.count);
  with_precision(cuda.precision, [&]<Precision precision>() {
    launch<transpose_kernel<precision>>({.grid = {static_cast<unsigned>((weights + 255) / 256),
                                                  static_cast<unsigned>(all.count), 1},
                                         .block = 256,
                                         .stream = cuda.stream},
                                        all, transposed.data());
    launch<lstm_forward_kernel<precision>>(config(cuda, all, 2 * rows * hidden), all,
                                           static_cast<const float*>(transposed.data()));
  });
}

void lstm_backward_portable(const Cuda& cuda, const Directions<LstmBackward<float>>& all) {
  with_precision(cuda.precision, [&]<Precision precision>() {
    launch<lstm_backward_kernel<precision>>(
        config(cuda, all, 6 * rows * all.direction[0].hidden_size), all);
  });
}

void lstm_forward(const Cuda& cuda, std::span<const LstmForward<float>> directions) {
  const auto all = as_argument(directions);
  const bool done = cuda.precision == Precision::fp32 ? lstm_forward_persistent(cuda, all)
                                                      : lstm_forward_mma(cuda, all);
  if (!done) lstm_forward_portable(cuda, all);
}

void lstm_backward(const Cuda& cuda, std::span<const LstmBackward<float>> directions) {
  const auto all = as_argument(directions);
  const bool done = cuda.precision == Precision::fp32 ? lstm_backward_persistent(cuda, all)
                                                      : lstm_backward_mma(cuda, all);
  if (!done) lstm_backward_portable(cuda, all);
}

}  // namespace stroma::kernels
