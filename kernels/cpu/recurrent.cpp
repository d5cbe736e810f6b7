// A recurrence on the CPU, of any cell. A tile is a direction and some rows of the batch; a thread
// takes whole tiles through all steps, so that no step waits for another thread, and a step's gates
// are activated while they are still in cache.
#include "kernels/recurrent.h"

#include <algorithm>
#include <vector>

#include "kernels/cpu/product.h"
#include "kernels/cpu/recurrent_cells.h"
#include "kernels/memory.h"
#include "kernels/parallel.h"

namespace stroma::kernels {
namespace {

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

/// Of the largest tile.
int64_t most_rows_of(const std::vector<Tile>& tiles) {
  int64_t most = 0;
  for (const Tile& tile : tiles) most = std::max(most, tile.rows);
  return most;
}

/// The recurrent weights of a direction as the forward product's operand.
template <class T>
struct Weights {
  bool transposed;
  const T* data;  // [gates · hidden, hidden], or transposed [hidden, gates · hidden]
  int64_t stride;
};

// Between the rows of a transposed copy: a power of two would put them on few lines of the cache.
constexpr int64_t padding = 16;
// Output columns that move together into a copy.
constexpr int64_t transpose_block = 16;
// Rows, of all steps, whose products gain from a copy more than it costs.
constexpr int64_t rows_worth_a_copy = 128;

template <class T>
bool worth_a_copy(const RecurrentForward<T>& d) {
  return (d.steps - 1) * d.batch >= rows_worth_a_copy;
}

template <class T>
int64_t copy_stride(const RecurrentForward<T>& d) {
  return gates_of(d.cell) * d.hidden_size + padding;
}

/// copy: [hidden, copy_stride]. oneDNN multiplies a few rows by it a tenth faster than by the
/// matrix as it is stored.
template <class T>
void transpose(const RecurrentForward<T>& d, T* copy) {
  const int64_t hidden = d.hidden_size, stride = copy_stride(d);
  in_chunks(gates_of(d.cell) * hidden, transpose_block, [&](int64_t begin, int64_t end) {
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

/// Whether row n has ended before position t.
template <class Direction>
bool beyond(const Direction& d, int64_t t, int64_t n) {
  return d.lengths != nullptr && t >= d.lengths[n];
}

/// The position at which the walk of row n ends; of a row without any, one beyond its end.
template <class Direction>
int64_t last_position(const Direction& d, int64_t n) {
  if (d.reverse) return 0;
  return d.lengths == nullptr ? d.steps - 1 : std::max(d.lengths[n], 1) - 1;
}

/// A row beyond the end of its sequence.
template <class T>
void leave_out(const RecurrentForward<T>& d, int64_t row) {
  const int64_t hidden = d.hidden_size, gates = gates_of(d.cell) * hidden;
  std::fill_n(d.gates + row * gates, gates, T{0});
  for (T* state : {d.cells, d.tanh_cells, d.candidates}) {
    if (state != nullptr) std::fill_n(state + row * hidden, hidden, T{0});
  }
  std::fill_n(d.output + row * d.output_stride, hidden, T{0});
}

/// `products`: [rows, gates · hidden] of a cell that has the recurrent product apart.
template <class Cell, class T>
void forward_tile(const RecurrentForward<T>& d, const Tile& tile, const Weights<T>& weights,
                  T* products) {
  const int64_t hidden = d.hidden_size, gates = Cell::gates * hidden;
  if (Cell::apart) std::fill_n(products, tile.rows * gates, T{0});
  for (int64_t walked = 0; walked < d.steps; ++walked) {
    const int64_t t = position(d, walked), row = t * d.batch + tile.first_row;
    const int64_t row_before =
        walked == 0 ? row : position(d, walked - 1) * d.batch + tile.first_row;
    if (walked > 0) {
      product(Gemm<T>{.transpose_b = !weights.transposed,
                      .m = tile.rows,
                      .n = gates,
                      .k = hidden,
                      .a = d.output + row_before * d.output_stride,
                      .lda = d.output_stride,
                      .b = weights.data,
                      .ldb = weights.stride,
                      .beta = Cell::apart ? T{0} : T{1},
                      .c = Cell::apart ? products : d.gates + row * gates,
                      .ldc = gates});
    }
    for (int64_t n = 0; n < tile.rows; ++n) {
      if (beyond(d, t, tile.first_row + n)) {
        leave_out(d, row + n);
      } else {
        Cell::forward(d, row + n, row_before + n, walked == 0,
                      Cell::apart ? products + n * gates : nullptr);
      }
    }
  }
  if (d.final_output == nullptr) return;
  for (int64_t n = tile.first_row; n < tile.first_row + tile.rows; ++n) {
    std::copy_n(d.output + (last_position(d, n) * d.batch + n) * d.output_stride, hidden,
                d.final_output + n * d.final_output_stride);
  }
}

/// A row beyond the end of its sequence has no gradient, and hands none on.
template <class T>
void leave_out(const RecurrentBackward<T>& d, int64_t row, T* step_grads, T* carried) {
  const int64_t hidden = d.hidden_size, gates = gates_of(d.cell) * hidden;
  std::fill_n(d.gates + row * gates, gates, T{0});
  std::fill_n(step_grads, gates, T{0});
  std::fill_n(carried, hidden, T{0});
  if (d.candidates != nullptr) std::fill_n(d.candidates + row * hidden, hidden, T{0});
}

/// Columns of what a tile hands from step to step on its way back.
template <class Cell>
constexpr int64_t backward_columns = 2 + (Cell::apart ? Cell::gates : 0);

/// `scratch`: [rows, backward_columns, hidden].
template <class Cell, class T>
void backward_tile(const RecurrentBackward<T>& d, const Tile& tile, T* scratch) {
  const int64_t hidden = d.hidden_size, gates = Cell::gates * hidden;
  T* hidden_grad = scratch;                         // [rows, hidden]: dh through the step after
  T* carried = hidden_grad + tile.rows * hidden;    // [rows, hidden]: what else comes from there
  T* product_grads = carried + tile.rows * hidden;  // [rows, gates · hidden] where apart
  zero_bytes(Cpu{}, hidden_grad, 2 * tile.rows * hidden * sizeof(T));
  for (int64_t walked = d.steps - 1; walked >= 0; --walked) {
    const int64_t t = position(d, walked), row = t * d.batch + tile.first_row;
    const int64_t row_before =
        walked == 0 ? row : position(d, walked - 1) * d.batch + tile.first_row;
    T* const step_grads = Cell::apart ? product_grads : d.gates + row * gates;
    for (int64_t n = 0; n < tile.rows; ++n) {
      const int64_t batch_row = tile.first_row + n;
      if (beyond(d, t, batch_row)) {
        leave_out(d, row + n, step_grads + n * gates, carried + n * hidden);
        continue;
      }
      const T* output_grad = nullptr;
      if (!d.last_only) {
        output_grad = d.output_grad + (row + n) * d.output_grad_stride;
      } else if (t == last_position(d, batch_row)) {
        output_grad = d.output_grad + batch_row * d.output_grad_stride;
      }
      Cell::backward(d, row + n, row_before + n, walked == 0, output_grad, hidden_grad + n * hidden,
                     carried + n * hidden, step_grads + n * gates);
    }
    if (walked > 0) {
      product(Gemm<T>{.m = tile.rows,
                      .n = hidden,
                      .k = gates,
                      .a = step_grads,
                      .lda = gates,
                      .b = d.weight_hh,
                      .ldb = hidden,
                      .c = hidden_grad,
                      .ldc = hidden});
    }
  }
}

}  // namespace

template <class T>
void recurrent_forward(const Cpu& cpu, std::span<const RecurrentForward<T>> directions) {
  check_directions(directions);
  int64_t room = 0;
  for (const RecurrentForward<T>& d : directions) {
    if (worth_a_copy(d)) room += d.hidden_size * copy_stride(d);
  }
  Workspace<T, Cpu> copies(cpu, room);
  T* copy = copies.data();
  std::vector<Weights<T>> weights;  // [directions]
  for (const RecurrentForward<T>& d : directions) {
    if (!worth_a_copy(d)) {
      weights.push_back({.transposed = false, .data = d.weight_hh, .stride = d.hidden_size});
      continue;
    }
    transpose(d, copy);
    weights.push_back({.transposed = true, .data = copy, .stride = copy_stride(d)});
    copy += d.hidden_size * copy_stride(d);
  }
  const std::vector<Tile> tiles = make_tiles(directions);
  cpu_cells::with_cell(directions[0].cell, [&]<class Cell>() {
    const int64_t floats =
        Cell::apart ? most_rows_of(tiles) * Cell::gates * directions[0].hidden_size : 0;
    Workspace<T, Cpu> products(cpu, floats * std::ssize(tiles));
    in_pieces(std::ssize(tiles), [&](int64_t i) {
      const std::size_t direction = tiles[i].direction;
      forward_tile<Cell>(directions[direction], tiles[i], weights[direction],
                         products.data() + floats * i);
    });
  });
}

template <class T>
void recurrent_backward(const Cpu& cpu, std::span<const RecurrentBackward<T>> directions) {
  check_directions(directions);
  const std::vector<Tile> tiles = make_tiles(directions);
  cpu_cells::with_cell(directions[0].cell, [&]<class Cell>() {
    const int64_t floats = most_rows_of(tiles) * backward_columns<Cell> * directions[0].hidden_size;
    Workspace<T, Cpu> scratch(cpu, floats * std::ssize(tiles));
    in_pieces(std::ssize(tiles), [&](int64_t i) {
      backward_tile<Cell>(directions[tiles[i].direction], tiles[i], scratch.data() + floats * i);
    });
  });
}

template void recurrent_forward<float>(const Cpu&, std::span<const RecurrentForward<float>>);
template void recurrent_forward<double>(const Cpu&, std::span<const RecurrentForward<double>>);
template void recurrent_backward<float>(const Cpu&, std::span<const RecurrentBackward<float>>);
template void recurrent_backward<double>(const Cpu&, std::span<const RecurrentBackward<double>>);

}  // namespace stroma::kernels
