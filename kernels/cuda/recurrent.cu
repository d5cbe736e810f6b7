// Chooses how to run a recurrence, and the portable way, of any cell: a block takes some rows of
// the batch through all steps of one direction. It keeps h in shared memory, or where that is too
// small in the GPU's, and reads the recurrent matrix from the L2 cache at every step, so that any
// hidden size works.
#include <algorithm>

#include "kernels/cuda/gru_cell.cuh"
#include "kernels/cuda/lstm_cell.cuh"
#include "kernels/cuda/recurrent.h"
#include "kernels/cuda/rnn_cell.cuh"
#include "kernels/cuda/rounding.h"
#include "kernels/memory.h"

namespace stroma::kernels {
namespace {

constexpr int rows = 4;  // of the batch, a block: each weight that is read serves four rows

/// transposed[k][g] = weight[g][k] of each direction, as a factor, so that neighbouring units read
/// neighbouring weights: [gates, hidden] to [hidden, gates], `gates` of all units.
template <Precision precision>
__global__ void transpose_kernel(Directions<RecurrentForward<float>> all, int64_t gates,
                                 float* transposed) {
  const RecurrentForward<float>& d = all.direction[blockIdx.y];
  const int64_t count = gates * d.hidden_size;
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

/// A hidden unit.
constexpr int64_t forward_floats = 2 * rows;
template <class Cell>
constexpr int64_t backward_floats = (Cell::gates + 2) * rows;

/// grid: (tiles of rows, directions). Threads share the units. Block memory: h as a factor,
/// [2, rows, hidden].
template <class Cell, Precision precision, bool in_shared>
__global__ void recurrent_forward_kernel(Directions<RecurrentForward<float>> all,
                                         const float* transposed, float* scratch) {
  constexpr int gates = Cell::gates;
  const RecurrentForward<float>& d = all.direction[blockIdx.y];
  const int64_t hidden = d.hidden_size, first_row = int64_t{blockIdx.x} * rows;
  const float* weight =
      transposed + blockIdx.y * gates * hidden * hidden;  // [hidden, gates · hidden]
  float* h = block_memory<in_shared>(scratch, forward_floats * hidden);
  float* h_next = h + rows * hidden;

  for (int64_t walked = 0; walked < d.steps; ++walked) {
    for (int64_t unit = threadIdx.x; unit < hidden; unit += blockDim.x) {
      float product[rows][gates] = {};
      if (walked > 0) {
        for (int64_t k = 0; k < hidden; ++k) {
          for (int gate = 0; gate < gates; ++gate) {
            const float w = weight[(k * gates + gate) * hidden + unit];
            for (int r = 0; r < rows; ++r) product[r][gate] += w * h[r * hidden + k];
          }
        }
      }
      for (int r = 0; r < rows; ++r) {
        const RecurrentUnit own{first_row + r, unit, hidden};
        h_next[r * hidden + unit] = 0;
        if (own.n >= d.batch) continue;
        h_next[r * hidden + unit] = round_factor<precision>(Cell::step(d, own, walked, product[r]));
      }
    }
    __syncthreads();
    float* const swap = h;
    h = h_next;
    h_next = swap;
  }
}

/// grid: (tiles of rows, directions). Block memory: the gradients of the recurrent product as
/// factors, [rows, gates · hidden]; of h through the step after, [rows, hidden]; what else that
/// step hands back, [rows, hidden].
template <class Cell, Precision precision, bool in_shared>
__global__ void recurrent_backward_kernel(Directions<RecurrentBackward<float>> all,
                                          float* scratch) {
  constexpr int gates = Cell::gates;
  const RecurrentBackward<float>& d = all.direction[blockIdx.y];
  const int64_t hidden = d.hidden_size, first_row = int64_t{blockIdx.x} * rows;
  float* gate_grad = block_memory<in_shared>(scratch, backward_floats<Cell> * hidden);
  float* hidden_grad = gate_grad + rows * gates * hidden;
  float* carried = hidden_grad + rows * hidden;

  for (int64_t walked = d.steps - 1; walked >= 0; --walked) {
    const bool last = walked == d.steps - 1;
    for (int64_t unit = threadIdx.x; unit < hidden; unit += blockDim.x) {
      for (int r = 0; r < rows; ++r) {
        const RecurrentUnit own{first_row + r, unit, hidden};
        float product_grad[gates] = {};
        float back = last ? 0.0f : carried[r * hidden + unit];
        if (own.n < d.batch) {
          Cell::step_back(d, own, walked, last ? 0.0f : hidden_grad[r * hidden + unit], back,
                          product_grad);
        }
        for (int g = 0; g < gates; ++g) {
          gate_grad[(r * gates + g) * hidden + unit] = round_factor<precision>(product_grad[g]);
        }
        carried[r * hidden + unit] = back;
      }
    }
    if (walked == 0) return;
    __syncthreads();
    for (int64_t k = threadIdx.x; k < hidden; k += blockDim.x) {
      float sum[rows] = {};
      for (int64_t g = 0; g < gates * hidden; ++g) {
        const float w = round_factor<precision>(d.weight_hh[g * hidden + k]);
        for (int r = 0; r < rows; ++r) sum[r] += w * gate_grad[r * gates * hidden + g];
      }
      for (int r = 0; r < rows; ++r) hidden_grad[r * hidden + k] = sum[r];
    }
    __syncthreads();
  }
}

/// Calls f<cell>().
template <class F>
void with_cell(Cell cell, F&& f) {
  switch (cell) {
    case Cell::rnn_tanh:
    case Cell::rnn_relu:
      return f.template operator()<RnnCell>();
    case Cell::gru:
      return f.template operator()<GruCell>();
    case Cell::lstm:
      return f.template operator()<LstmCell>();
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

void recurrent_forward_portable(const Cuda& cuda, const Directions<RecurrentForward<float>>& all,
                                int64_t shared_bytes) {
  const RecurrentForward<float>& first = all.direction[0];
  const int64_t hidden = first.hidden_size, gates = gates_of(first.cell) * hidden;
  const int64_t weights = gates * hidden;
  Workspace<float, Cuda> transposed(cuda, weights * all.count);
  with_precision(cuda.precision, [&]<Precision precision>() {
    launch<transpose_kernel<precision>>({.grid = {static_cast<unsigned>((weights + 255) / 256),
                                                  static_cast<unsigned>(all.count), 1},
                                         .block = 256,
                                         .stream = cuda.stream},
                                        all, gates, transposed.data());
    with_cell(first.cell, [&]<class OfCell>() {
      with_block_memory(cuda, all, forward_floats * hidden, shared_bytes,
                        [&]<bool in_shared>(const LaunchConfig& config, float* scratch) {
                          launch<recurrent_forward_kernel<OfCell, precision, in_shared>>(
                              config, all, static_cast<const float*>(transposed.data()), scratch);
                        });
    });
  });
}

void recurrent_backward_portable(const Cuda& cuda, const Directions<RecurrentBackward<float>>& all,
                                 int64_t shared_bytes) {
  const RecurrentBackward<float>& first = all.direction[0];
  with_precision(cuda.precision, [&]<Precision precision>() {
    with_cell(first.cell, [&]<class OfCell>() {
      with_block_memory(cuda, all, backward_floats<OfCell> * first.hidden_size, shared_bytes,
                        [&]<bool in_shared>(const LaunchConfig& config, float* scratch) {
                          launch<recurrent_backward_kernel<OfCell, precision, in_shared>>(
                              config, all, scratch);
                        });
    });
  });
}

void recurrent_forward(const Cuda& cuda, std::span<const RecurrentForward<float>> directions) {
  check_directions(directions);
  const auto all = as_argument(directions);
  bool done = false;
  if (directions[0].cell == Cell::lstm) {
    done = cuda.precision == Precision::fp32 ? lstm_forward_persistent(cuda, all)
                                             : lstm_forward_mma(cuda, all);
  }
  if (!done) recurrent_forward_portable(cuda, all, most_shared_bytes());
}

void recurrent_backward(const Cuda& cuda, std::span<const RecurrentBackward<float>> directions) {
  check_directions(directions);
  const auto all = as_argument(directions);
  bool done = false;
  if (directions[0].cell == Cell::lstm) {
    done = cuda.precision == Precision::fp32 ? lstm_backward_persistent(cuda, all)
                                             : lstm_backward_mma(cuda, all);
  }
  if (!done) recurrent_backward_portable(cuda, all, most_shared_bytes());
}

}  // namespace stroma::kernels
