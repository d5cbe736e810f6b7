// The cells of a recurrence on the CPU: what one does with a row of the batch at a step. The walk
// along the steps and the recurrent products, recurrent.cpp, are the same for all of them.
//
// A cell says how many gates it has, and with `apart` that it tells the recurrent product from the
// input's share, so that the product must not be added to that. `row` and `row_before` count rows
// of the buffers, those of a step and of the step walked before it; `first`: there is none before.
#pragma once

#include <cstdint>

#include "kernels/cpu/vector_math.h"
#include "kernels/recurrent.h"

namespace stroma::kernels::cpu_cells {

using vector_math::fast_sigmoid;
using vector_math::fast_tanh;

template <bool relu>
struct RnnCell {
  static constexpr int64_t gates = 1;
  static constexpr bool apart = false;

  template <class T>
  static void forward(const RecurrentForward<T>& d, int64_t row, int64_t /*row_before*/,
                      bool /*first*/, const T* /*product*/) {
    const int64_t hidden = d.hidden_size;
    T* gate = d.gates + row * hidden;
    T* output = d.output + row * d.output_stride;
#pragma omp simd
    for (int64_t j = 0; j < hidden; ++j) {
      const T z = gate[j] + (d.bias_ih[j] + d.bias_hh[j]);
      const T h = relu ? (z < 0 ? T{0} : z) : fast_tanh(z);  // NaN stays NaN
      gate[j] = h;
      output[j] = h;
    }
  }

  template <class T>
  static void backward(const RecurrentBackward<T>& d, int64_t row, int64_t /*row_before*/,
                       bool /*first*/, const T* output_grad, const T* hidden_grad, T* /*carried*/,
                       T* /*product_grad*/) {
    const int64_t hidden = d.hidden_size;
    T* gate = d.gates + row * hidden;
#pragma omp simd
    for (int64_t j = 0; j < hidden; ++j) {
      const T h = gate[j];
      const T dh = hidden_grad[j] + (output_grad ? output_grad[j] : T{0});
      gate[j] = relu ? (h > 0 ? dh : T{0}) : dh * (1 - h * h);
    }
  }
};

struct GruCell {
  static constexpr int64_t gates = 3;  // r, z, n
  static constexpr bool apart = true;

  template <class T>
  static void forward(const RecurrentForward<T>& d, int64_t row, int64_t row_before, bool first,
                      const T* product) {
    const int64_t hidden = d.hidden_size;
    T* gate = d.gates + row * 3 * hidden;
    T* candidate = d.candidates + row * hidden;
    T* output = d.output + row * d.output_stride;
    const T* output_before = d.output + row_before * d.output_stride;
    const T *b_ih = d.bias_ih, *b_hh = d.bias_hh;
#pragma omp simd
    for (int64_t j = 0; j < hidden; ++j) {
      const T r = fast_sigmoid(gate[j] + product[j] + (b_ih[j] + b_hh[j]));
      const T z = fast_sigmoid(gate[hidden + j] + product[hidden + j] +
                               (b_ih[hidden + j] + b_hh[hidden + j]));
      const T q = product[2 * hidden + j] + b_hh[2 * hidden + j];
      const T n = fast_tanh(gate[2 * hidden + j] + b_ih[2 * hidden + j] + r * q);
      gate[j] = r;
      gate[hidden + j] = z;
      gate[2 * hidden + j] = n;
      candidate[j] = q;
      output[j] = (1 - z) * n + (first ? T{0} : z * output_before[j]);
    }
  }

  /// carried: what of dh reaches the step before beside the product.
  template <class T>
  static void backward(const RecurrentBackward<T>& d, int64_t row, int64_t row_before, bool first,
                       const T* output_grad, const T* hidden_grad, T* carried, T* product_grad) {
    const int64_t hidden = d.hidden_size;
    T* gate = d.gates + row * 3 * hidden;
    T* candidate = d.candidates + row * hidden;
    const T* output_before = d.output + row_before * d.output_stride;
#pragma omp simd
    for (int64_t j = 0; j < hidden; ++j) {
      const T r = gate[j], z = gate[hidden + j], n = gate[2 * hidden + j], q = candidate[j];
      const T h_before = first ? T{0} : output_before[j];
      const T dh = hidden_grad[j] + carried[j] + (output_grad ? output_grad[j] : T{0});
      const T dn = dh * (1 - z) * (1 - n * n);
      const T dr = dn * q * r * (1 - r);
      const T dz = dh * (h_before - n) * z * (1 - z);
      gate[j] = dr;
      gate[hidden + j] = dz;
      gate[2 * hidden + j] = dn;
      product_grad[j] = dr;
      product_grad[hidden + j] = dz;
      product_grad[2 * hidden + j] = dn * r;
      candidate[j] = dn * r;
      carried[j] = dh * z;
    }
  }
};

struct LstmCell {
  static constexpr int64_t gates = 4;  // i, f, g, o
  static constexpr bool apart = false;

  template <class T>
  static void forward(const RecurrentForward<T>& d, int64_t row, int64_t row_before, bool first,
                      const T* /*product*/) {
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

  /// carried: the gradient of c, through the step after.
  template <class T>
  static void backward(const RecurrentBackward<T>& d, int64_t row, int64_t row_before, bool first,
                       const T* output_grad, const T* hidden_grad, T* carried,
                       T* /*product_grad*/) {
    const int64_t hidden = d.hidden_size;
    T* gate = d.gates + row * 4 * hidden;
    const T* tanh_cell = d.tanh_cells + row * hidden;
    const T* cell_before = d.cells + row_before * hidden;
#pragma omp simd
    for (int64_t j = 0; j < hidden; ++j) {
      const T i = gate[j], f = gate[hidden + j], g = gate[2 * hidden + j], o = gate[3 * hidden + j];
      const T tanh_c = tanh_cell[j];
      const T dh = hidden_grad[j] + (output_grad ? output_grad[j] : T{0});
      const T dc = carried[j] + dh * o * (1 - tanh_c * tanh_c);
      gate[j] = dc * g * i * (1 - i);
      gate[hidden + j] = first ? T{0} : dc * cell_before[j] * f * (1 - f);
      gate[2 * hidden + j] = dc * i * (1 - g * g);
      gate[3 * hidden + j] = dh * tanh_c * o * (1 - o);
      carried[j] = dc * f;
    }
  }
};

/// Calls f<cell>().
template <class F>
void with_cell(Cell cell, F&& f) {
  switch (cell) {
    case Cell::rnn_tanh:
      return f.template operator()<RnnCell<false>>();
    case Cell::rnn_relu:
      return f.template operator()<RnnCell<true>>();
    case Cell::gru:
      return f.template operator()<GruCell>();
    case Cell::lstm:
      return f.template operator()<LstmCell>();
  }
}

}  // namespace stroma::kernels::cpu_cells
