// Chooses how to run a recurrence, and the portable way: a block takes some rows of the batch
// through all steps of one direction. It keeps h in shared memory, or where that is too small in
// the GPU's, and reads the recurrent matrix from the L2 cache at every step, so that any hidden
// size works.
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

/// Where a block keeps what it hands from step to step: its shared memory, or its part of `scratch`
/// [blocks, floats], which the L1 and L2 caches serve.
template <bool in_shared>
__device__ __forceinline__ float* block_memory([[maybe_unused]] float* scratch,
                                               [[maybe_unused]] int64_t floats) {
  if constexpr (in_shared) {
    return shared_memory<float>();
  } else {
    return scratch + (int64_t{blockIdx.y} * gridDim.x + blockIdx.x) * floats;
  }
}

constexpr int64_t forward_floats = 2 * rows, backward_floats = 6 * rows;  // a hidden unit

/// grid: (tiles of rows, directions). Threads share the units. Block memory: h as a factor,
/// [2, rows, hidden].
template <Precision precision, bool in_shared>
__global__ void lstm_forward_kernel(Directions<LstmForward<float>> all, const float* transposed,
                                    float* scratch) {
  const LstmForward<float>& d = all.direction[blockIdx.y];
  const int64_t hidden = d.hidden_size, first_row = int64_t{blockIdx.x} * rows;
  const float* weight = transposed + blockIdx.y * 4 * hidden * hidden;  // [hidden, 4 · hidden]
  float* h = block_memory<in_shared>(scratch, forward_floats * hidden);
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
        LstmCell::State s = LstmCell::forward(sum[r], before);
        if (RecurrentUnit::position(d, walked) >= own.length(d)) s = {};
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

/// grid: (tiles of rows, directions). Block memory: the gradients of the gates as factors,
/// [rows, 4 · hidden]; of h through the step after, [rows, hidden]; of the cell, [rows, hidden].
template <Precision precision, bool in_shared>
__global__ void lstm_backward_kernel(Directions<LstmBackward<float>> all, float* scratch) {
  const LstmBackward<float>& d = all.direction[blockIdx.y];
  const int64_t hidden = d.hidden_size, first_row = int64_t{blockIdx.x} * rows;
  float* gate_grad = block_memory<in_shared>(scratch, backward_floats * hidden);
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

/// Calls start<in_shared>(config, scratch) for blocks of `floats` floats of memory.
template <class Direction, class F>
void with_block_memory(const Cuda& cuda, const Directions<Direction>& all, int64_t floats,
                       int64_t shared_bytes, F&& start) {
  const int64_t hidden = all.direction[0].hidden_size;
  const int64_t tiles = (all.direction[0].batch + rows - 1) / rows;
  const auto bytes = static_cast<std::size_t>(floats) * sizeof(float);
  LaunchConfig config{
      .grid = {static_cast<unsigned>(tiles), static_cast<unsigned>(all.count), 1},
      .block = static_cast<unsigned>(std::min<int64_t>(512, (hidden + 31) / 32 * 32)),
      .stream = cuda.stream};
  if (bytes <= static_cast<std::size_t>(shared_bytes)) {
    config.shared_bytes = bytes;
    start.template operator()<true>(config, nullptr);
  } else {
    Workspace<float, Cuda> scratch(cuda, tiles * all.count * floats);
    start.template operator()<false>(config, scratch.data());
  }
}

template <class Direction>
Directions<Direction> as_argument(std::span<const Direction> directions) {
  Directions<Direction> all{};
  for (const Direction& direction : directions) all.direction[all.count++] = direction;
  return all;
}

}  // namespace

void lstm_forward_portable(const Cuda& cuda, const Directions<LstmForward<float>>& all,
                           int64_t shared_bytes) {
  const int64_t hidden = all.direction[0].hidden_size, weights = 4 * hidden * hidden;
  Workspace<float, Cuda> transposed(cuda, weights * all.count);
  with_precision(cuda.precision, [&]<Precision precision>() {
    launch<transpose_kernel<precision>>({.grid = {static_cast<unsigned>((weights + 255) / 256),
                                                  static_cast<unsigned>(all.count), 1},
                                         .block = 256,
                                         .stream = cuda.stream},
                                        all, transposed.data());
    with_block_memory(cuda, all, forward_floats * hidden, shared_bytes,
                      [&]<bool in_shared>(const LaunchConfig& config, float* scratch) {
                        launch<lstm_forward_kernel<precision, in_shared>>(
                            config, all, static_cast<const float*>(transposed.data()), scratch);
                      });
  });
}

void lstm_backward_portable(const Cuda& cuda, const Directions<LstmBackward<float>>& all,
                            int64_t shared_bytes) {
  with_precision(cuda.precision, [&]<Precision precision>() {
    with_block_memory(cuda, all, backward_floats * all.direction[0].hidden_size, shared_bytes,
                      [&]<bool in_shared>(const LaunchConfig& config, float* scratch) {
                        launch<lstm_backward_kernel<precision, in_shared>>(config, all, scratch);
                      });
  });
}

void lstm_forward(const Cuda& cuda, std::span<const LstmForward<float>> directions) {
  check_directions(directions);
  const auto all = as_argument(directions);
  const bool done = cuda.precision == Precision::fp32 ? lstm_forward_persistent(cuda, all)
                                                      : lstm_forward_mma(cuda, all);
  if (!done) lstm_forward_portable(cuda, all, most_shared_bytes());
}

void lstm_backward(const Cuda& cuda, std::span<const LstmBackward<float>> directions) {
  check_directions(directions);
  const auto all = as_argument(directions);
  const bool done = cuda.precision == Precision::fp32 ? lstm_backward_persistent(cuda, all)
                                                      : lstm_backward_mma(cuda, all);
  if (!done) lstm_backward_portable(cuda, all, most_shared_bytes());
}

}  // namespace stroma::kernels
