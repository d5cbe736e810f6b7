#include "kernels/pool1d.h"

#include <algorithm>

#include "kernels/parallel.h"

namespace stroma::kernels {
namespace {

/// A row of a sequence: all batch entries and channels of one position.
int64_t row_size(const Pool1dShape& shape) { return shape.batch * shape.channels; }

/// The positions [first, last) of the input that window t covers.
struct Range {
  int64_t first, last;
};
Range window_of(const Pool1dShape& shape, int64_t t) {
  const int64_t start = t * shape.stride - shape.padding;
  return {std::max<int64_t>(start, 0), std::min(start + shape.window, shape.length)};
}

// Columns that one task of the backward pass keeps in cache over the whole length.
constexpr int64_t block_columns = 256;

/// Max-pooling's gradient of columns [first, first + columns). Windows in order, positions in order
/// within a window: overlapping windows add in a fixed order, and the first maximum wins.
template <class T>
void max_pool1d_backward_columns(const MaxPool1dBackward<T>& p, int64_t first, int64_t columns) {
  const int64_t row = row_size(p.shape);
  T pending[block_columns];  // what no position of this window has taken yet
  int64_t written = 0;       // gradients of positions before this one hold a number
  const auto zero_up_to = [&](int64_t position) {
    for (; written < position; ++written) {
      std::fill_n(p.input_grad + written * row + first, columns, T(0));
    }
  };
  for (int64_t t = 0; t < p.shape.out_length(); ++t) {
    const T* y = p.output + t * row + first;
    const T* dy = p.output_grad + t * row + first;
    if (p.relu) {
      for (int64_t j = 0; j < columns; ++j) pending[j] = y[j] > 0 ? dy[j] : T(0);
    } else {
      std::copy_n(dy, columns, pending);
    }
    const Range window = window_of(p.shape, t);
    zero_up_to(window.first);
    for (int64_t position = window.first; position < window.last; ++position) {
      const T* x = p.input + position * row + first;
      T* dx = p.input_grad + position * row + first;
      if (position >= written) {
        for (int64_t j = 0; j < columns; ++j) {
          const bool maximum = x[j] == y[j];
          dx[j] = maximum ? pending[j] : T(0);
          pending[j] = maximum ? T(0) : pending[j];
        }
        ++written;
      } else {
        for (int64_t j = 0; j < columns; ++j) {
          const bool maximum = x[j] == y[j];
          dx[j] += maximum ? pending[j] : T(0);
          pending[j] = maximum ? T(0) : pending[j];
        }
      }
    }
  }
  zero_up_to(p.shape.length);
}

}  // namespace

template <class T>
void max_pool1d_forward(const Cpu&, const MaxPool1dForward<T>& p) {
  p.shape.check();
  const int64_t row = row_size(p.shape);
  in_pieces(p.shape.out_length(), [&](int64_t t) {
    const Range window = window_of(p.shape, t);
    T* y = p.output + t * row;
    std::copy_n(p.input + window.first * row, row, y);
    for (int64_t position = window.first + 1; position < window.last; ++position) {
      const T* x = p.input + position * row;
      // As in PyTorch, a NaN in the window is its maximum.
      for (int64_t j = 0; j < row; ++j) y[j] = (x[j] > y[j] || x[j] != x[j]) ? x[j] : y[j];
    }
    if (p.relu) {
      for (int64_t j = 0; j < row; ++j) y[j] = y[j] < 0 ? T(0) : y[j];
    }
  });
}

template <class T>
void max_pool1d_backward(const Cpu&, const MaxPool1dBackward<T>& p) {
  p.shape.check();
  const int64_t columns = row_size(p.shape);
  in_chunks(columns, block_columns, [&](int64_t begin, int64_t end) {
    max_pool1d_backward_columns(p, begin, end - begin);
  });
}

template <class T>
void average_pool1d_forward(const Cpu&, const AveragePool1dForward<T>& p) {
  p.shape.check();
  const int64_t row = row_size(p.shape);
  const T share = T(1) / static_cast<T>(p.shape.window);
  in_pieces(p.shape.out_length(), [&](int64_t t) {
    const Range window = window_of(p.shape, t);
    T* y = p.output + t * row;
    std::copy_n(p.input + window.first * row, row, y);
    for (int64_t position = window.first + 1; position < window.last; ++position) {
      const T* x = p.input + position * row;
      for (int64_t j = 0; j < row; ++j) y[j] += x[j];
    }
    for (int64_t j = 0; j < row; ++j) y[j] *= share;
  });
}

template <class T>
void average_pool1d_backward(const Cpu&, const AveragePool1dBackward<T>& p) {
  p.shape.check();
  const Pool1dShape& shape = p.shape;
  const int64_t row = row_size(shape);
  const T share = T(1) / static_cast<T>(shape.window);
  in_pieces(shape.length, [&](int64_t position) {
    T* dx = p.input_grad + position * row;
    std::fill_n(dx, row, T(0));
    // Window t covers the position if t · stride ≤ padded < t · stride + window.
    const int64_t padded = position + shape.padding;
    const int64_t first = padded < shape.window ? 0 : (padded - shape.window) / shape.stride + 1;
    const int64_t last = std::min(padded / shape.stride, shape.out_length() - 1);
    for (int64_t t = first; t <= last; ++t) {
      const T* dy = p.output_grad + t * row;
      for (int64_t j = 0; j < row; ++j) dx[j] += dy[j] * share;
    }
  });
}

#define STROMA_INSTANTIATE(T)                                                          \
  template void max_pool1d_forward<T>(const Cpu&, const MaxPool1dForward<T>&);         \
  template void max_pool1d_backward<T>(const Cpu&, const MaxPool1dBackward<T>&);       \
  template void average_pool1d_forward<T>(const Cpu&, const AveragePool1dForward<T>&); \
  template void average_pool1d_backward<T>(const Cpu&, const AveragePool1dBackward<T>&);
STROMA_INSTANTIATE(float)
STROMA_INSTANTIATE(double)
#undef STROMA_INSTANTIATE

}  // namespace stroma::kernels
