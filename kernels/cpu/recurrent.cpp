// The LSTM recurrence on the CPU. A tile is a direction and some rows of the batch; a thread takes
// whole tiles through all steps, so that no step waits for another thread, and a step's gates are
// activated while they are still in cache.
#include "kernels/recurrent.h"

#include <algorithm>
#include <vector>

#include "kernels/cpu/product.h"
#include "kernels/cpu/vector_math.h"
#include "kernels/memory.h"
#include "kernels/parallel.h"

namespace stroma::kernels {
namespace {

using vector_math::fast_sigmoid;
using vector_math::fast_tanh;

struct Tile {
  std::size_t direction;
  int64_t first_row, rows;
};

// Rows of a tile: the products are nearly as fast as with more, and many threads find work.
constexpr int64_t most_rows = 16;
// From so many on, two tiles of half as many rows take two threads little more than half the time.
constexpr int64_t rows_to_halve = 8;

/// Cuts the batch of each direction, by its shape alone: the last bits of a product depend on its
/// number of rows. Directions of one step alone cost next to nothing and are not cut.
template <class Direction>
std::vector<Tile> make_tiles(std::span<const Direction> directions) {
  std::vector<Tile> tiles;
  for (std::size_t i = 0; i < directions.size(); ++i) {
    const int64_t batch = directions[i].batch;
    int64_t parts = (batch + most_rows - 1) / most_rows;
    if (parts == 1 && batch >= rows_to_halve) parts = 2;
    if (directions[i].steps == 1) parts = 1;
    for (int64_t part = 0; part < parts; ++part) {
      const int64_t first = batch * part / parts;
      tiles.push_back({i, first, batch * (part + 1) / parts - first});
    }
  }
  return tiles;
}

/// The recurrent weights of a direction as the forward product's operand.
template <class T>
struct Weights {
  bool transposed;
  const T* data;  // [4 · hidden, hidden], or transposed [hidden, 4 · hidden]
  int64_t stride;
};

// Between the rows of a transposed copy: a power of two would put them on few lines of the cache.
constexpr int64_t padding = 16;
// Output columns that move together into a copy.
constexpr int64_t transpose_block = 16;
// Rows, of all steps, whose products gain from a copy more than it costs.
constexpr int64_t rows_worth_a_copy = 128;

template <class T>
bool worth_a_copy(const LstmForward<T>& d) {
  return (d.steps - 1) * d.batch >= rows_worth_a_copy;
}

template <class T>
int64_t copy_stride(const LstmForward<T>& d) {
  return 4 * d.hidden_size + padding;
}

/// copy: [hidden, copy_stride]. oneDNN multiplies a few rows by it a tenth faster than by the
/// matrix as it is stored.
template <class T>
void transpose(const LstmForward<T>& d, T* copy) {
  const int64_t hidden = d.hidden_size, stride = copy_stride(d);
  in_chunks(4 * hidden, transpose_block, [&](int64_t begin, int64_t end) {
    for (int64_t j = 0; j < hidden; ++j) {
      for (int64_t o = begin; o < end; ++o) copy[j * stride + o] = d.weight_hh[o * hidden + j];
    }
  });
}

/// Step number `walked` of the walk, as a position in the buffers.
template <class Direction>
int64_t position(const Direction& d, int64_t walked) {
  return d.reverse ? d.steps - 1 - walked : walked;
}

/// Activates one row of gates [4 · hidden] and updates the cell.
template <class T>
void activate(const LstmForward<T>& d, int64_t row, int64_t row_before, bool first) {
  const int64_t hidden = d.hidden_size;
  T* gate = d.gates + row * 4 * hidden;
  T* cell = d.cells + row * hidden;
  T* tanh_cell = d.tanh_cells + row * hidden;
  T* output = d.output + row * d.output_stride;
  const T* cell_before = d.cells + row_before * hidden;
#pragma omp simd
  for (int64_t j = 0; j < hidden; ++j) {
    const T i = fast_sigmoid(gate[j] + (d.bias_ih[j] + d.bias_hh[j]));
    const T f = fast_sigmoid(gate[hidden + j] + (d.bias_ih[hidden + j] + d.bias_hh[hidden + j]));
    const T g =
        fast_tanh(gate[2 * hidden + j] + (d.bias_ih[2 * hidden + j] + d.bias_hh[2 * hidden + j]));
    const T o = fast_sigmoid(gate[3 * hidden + j] +
                             (d.bias_ih[3 * hidden + j] + d.bias_hh[3 * hidden + j]));
    const T c = (first ? T{0} : f * cell_before[j]) + i * g;
    const T tanh_c = fast_tanh(c);
    gate[j] = i;
    gate[hidden + j] = f;
    gate[2 * hidden + j] = g;
    gate[3 * hidden + j] = o;
    cell[j] = c;
    tanh_cell[j] = tanh_c;
    output[j] = o * tanh_c;
  }
}

/// A row beyond the end of its sequence.
template <class T>
void leave_out(const LstmForward<T>& d, int64_t row) {
  const int64_t hidden = d.hidden_size;
  std::fill_n(d.gates + row * 4 * hidden, 4 * hidden, T{0});
  std::fill_n(d.cells + row * hidden, hidden, T{0});
  std::fill_n(d.tanh_cells + row * hidden, hidden, T{0});
  std::fill_n(d.output + row * d.output_stride, hidden, T{0});
}

template <class T>
void forward_tile(const LstmForward<T>& d, const Tile& tile, const Weights<T>& weights) {
  const int64_t hidden = d.hidden_size;
  for (int64_t walked = 0; walked < d.steps; ++walked) {
    const int64_t t = position(d, walked), row = t * d.batch + tile.first_row;
    const int64_t row_before =
        walked == 0 ? row : position(d, walked - 1) * d.batch + tile.first_row;
    if (walked > 0) {
      product(Gemm<T>{.transpose_b = !weights.transposed,
                      .m = tile.rows,
                      .n = 4 * hidden,
                      .k = hidden,
                      .a = d.output + row_before * d.output_stride,
                      .lda = d.output_stride,
                      .b = weights.data,
                      .ldb = weights.stride,
                      .beta = 1,
                      .c = d.gates + row * 4 * hidden,
                      .ldc = 4 * hidden});
    }
    for (int64_t n = 0; n < tile.rows; ++n) {
      if (d.lengths != nullptr && t >= d.lengths[tile.first_row + n]) {
        leave_out(d, row + n);
      } else {
        activate(d, row + n, row_before + n, walked == 0);
      }
    }
  }
  if (d.final_output == nullptr) return;
  const int64_t last_row = position(d, d.steps - 1) * d.batch;
  for (int64_t n = tile.first_row; n < tile.first_row + tile.rows; ++n) {
    std::copy_n(d.output + (last_row + n) * d.output_stride, hidden,
                d.final_output + n * d.final_output_stride);
  }
}

/// From the gradient of h to that of one row of gates before activation, and of the cell before.
///   hidden_grad, cell_grad: [hidden], through the step after; cell_grad is updated.
template <class T>
void activate_backward(const LstmBackward<T>& d, int64_t row, int64_t row_before, bool first,
                       const T* output_grad, const T* hidden_grad, T* cell_grad) {
  const int64_t hidden = d.hidden_size;
  T* gate = d.gates + row * 4 * hidden;
  const T* tanh_cell = d.tanh_cells + row * hidden;
  const T* cell_before = d.cells + row_before * hidden;
#pragma omp simd
  for (int64_t j = 0; j < hidden; ++j) {
    const T i = gate[j], f = gate[hidden + j], g = gate[2 * hidden + j], o = gate[3 * hidden + j];
    const T tanh_c = tanh_cell[j];
    const T dh = hidden_grad[j] + (output_grad ? output_grad[j] : T{0});
    const T dc = cell_grad[j] + dh * o * (1 - tanh_c * tanh_c);
    gate[j] = dc * g * i * (1 - i);
    gate[hidden + j] = first ? T{0} : dc * cell_before[j] * f * (1 - f);
    gate[2 * hidden + j] = dc * i * (1 - g * g);
    gate[3 * hidden + j] = dh * tanh_c * o * (1 - o);
    cell_grad[j] = dc * f;
  }
}

/// `scratch`: [2, rows, hidden].
template <class T>
void backward_tile(const LstmBackward<T>& d, const Tile& tile, T* scratch) {
  const int64_t hidden = d.hidden_size;
  T* hidden_grad = scratch;                         // [rows, hidden]
  T* cell_grad = hidden_grad + tile.rows * hidden;  // [rows, hidden]
  zero_bytes(Cpu{}, hidden_grad, 2 * tile.rows * hidden * sizeof(T));
  for (int64_t walked = d.steps - 1; walked >= 0; --walked) {
    const bool last = walked == d.steps - 1;
    const int64_t row = position(d, walked) * d.batch + tile.first_row;
    const int64_t row_before =
        walked == 0 ? row : position(d, walked - 1) * d.batch + tile.first_row;
    for (int64_t n = 0; n < tile.rows; ++n) {
      const T* output_grad = nullptr;
      if (!d.last_only) {
        output_grad = d.output_grad + (row + n) * d.output_grad_stride;
      } else if (last) {
        output_grad = d.output_grad + (tile.first_row + n) * d.output_grad_stride;
      }
      activate_backward(d, row + n, row_before + n, walked == 0, output_grad,
                        hidden_grad + n * hidden, cell_grad + n * hidden);
    }
    if (walked > 0) {
      product(Gemm<T>{.m = tile.rows,
                      .n = hidden,
                      .k = 4 * hidden,
                      .a = d.gates + row * 4 * hidden,
                      .lda = 4 * hidden,
                      .b = d.weight_hh,
                      .ldb = hidden,
                      .c = hidden_grad,
                      .ldc = hidden});
    }
  }
}

}  // namespace

template <class T>
void lstm_forward(const Cpu& cpu, std::span<const LstmForward<T>> directions) {
  check_directions(directions);
  int64_t room = 0;
  for (const LstmForward<T>& d : directions) {
    if (worth_a_copy(d)) room += d.hidden_size * copy_stride(d);
  }
  Workspace<T, Cpu> copies(cpu, room);
  T* copy = copies.data();
  std::vector<Weights<T>> weights;  // [directions]
  for (const LstmForward<T>& d : directions) {
    if (!worth_a_copy(d)) {
      weights.push_back({.transposed = false, .data = d.weight_hh, .stride = d.hidden_size});
      continue;
    }
    transpose(d, copy);
    weights.push_back({.transposed = true, .data = copy, .stride = copy_stride(d)});
    copy += d.hidden_size * copy_stride(d);
  }
  const std::vector<Tile> tiles = make_tiles(directions);
  in_pieces(std::ssize(tiles), [&](int64_t i) {
    const std::size_t direction = tiles[i].direction;
    forward_tile(directions[direction], tiles[i], weights[direction]);
  });
}

template <class T>
void lstm_backward(const Cpu& cpu, std::span<const LstmBackward<T>> directions) {
  check_directions(directions);
  const std::vector<Tile> tiles = make_tiles(directions);
  int64_t largest = 0;  // the scratch of the largest tile
  for (const Tile& tile : tiles) {
    largest = std::max(largest, 2 * tile.rows * directions[tile.direction].hidden_size);
  }
  Workspace<T, Cpu> scratch(cpu, largest * std::ssize(tiles));
  in_pieces(std::ssize(tiles), [&](int64_t i) {
    backward_tile(directions[tiles[i].direction], tiles[i], scratch.data() + largest * i);
  });
}

template void lstm_forward<float>(const Cpu&, std::span<const LstmForward<float>>);
template void lstm_forward<double>(const Cpu&, std::span<const LstmForward<double>>);
template void lstm_backward<float>(const Cpu&, std::span<const LstmBackward<float>>);
template void lstm_backward<double>(const Cpu&, std::span<const LstmBackward<double>>);

}  // namespace stroma::kernels
