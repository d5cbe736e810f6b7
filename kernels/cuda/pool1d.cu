// Pooling: a thread an output forward, a thread an input backward (a gather over the windows that
// contain it, in order, so that no thread adds to another's sum). Neighbouring threads have
// neighbouring columns (batch entries and channels), so warps read and write whole lines.
#include "kernels/cuda/elements.h"
#include "kernels/pool1d.h"

namespace stroma::kernels {
namespace {

/// Positions [first, last) that a window covers, or windows that cover a position.
struct Range {
  int64_t first, last;
};

struct Geometry {
  explicit Geometry(const Pool1dShape& shape)
      : s(shape), row(shape.batch * shape.channels), out_length(shape.out_length()) {}

  __device__ Range positions_of(int64_t t) const {
    const int64_t start = t * s.stride - s.padding;
    return {max(start, int64_t{0}), min(start + s.window, s.length)};
  }

  /// Window t covers the position if t · stride ≤ position + padding < t · stride + window.
  __device__ Range windows_of(int64_t position) const {
    const int64_t padded = position + s.padding;
    const int64_t first = padded < s.window ? 0 : (padded - s.window) / s.stride + 1;
    return {first, min(padded / s.stride + 1, out_length)};
  }

  Pool1dShape s;
  int64_t row;  // columns of a position: batch entries times channels
  int64_t out_length;
};

/// y[t, j] = max over the window of x[position, j]; as in PyTorch, a NaN in it is the maximum.
struct MaxForward {
  MaxPool1dForward<float> p;
  Geometry g{p.shape};
  __device__ void operator()(int64_t i) const {
    const int64_t column = i % g.row;
    const Range positions = g.positions_of(i / g.row);
    float y = p.input[positions.first * g.row + column];
    for (int64_t position = positions.first + 1; position < positions.last; ++position) {
      const float x = p.input[position * g.row + column];
      if (x > y || x != x) y = x;
    }
    p.output[i] = p.relu && y < 0 ? 0 : y;
  }
};

/// dx[position, j] = Σ dy[t, j] over the windows whose maximum is here and nowhere before.
struct MaxBackward {
  MaxPool1dBackward<float> p;
  Geometry g{p.shape};
  __device__ void operator()(int64_t i) const {
    const int64_t position = i / g.row, column = i % g.row;
    const Range windows = g.windows_of(position);
    const float x = p.input[i];
    float dx = 0;
    for (int64_t t = windows.first; t < windows.last; ++t) {
      const float y = p.output[t * g.row + column];
      if (x != y || (p.relu && !(y > 0))) continue;
      bool first = true;
      for (int64_t before = g.positions_of(t).first; first && before < position; ++before) {
        first = p.input[before * g.row + column] != y;
      }
      if (first) dx += p.output_grad[t * g.row + column];
    }
    p.input_grad[i] = dx;
  }
};

/// y[t, j] = Σ x[position, j] / window over the window, padding counted as zeros.
struct AverageForward {
  AveragePool1dForward<float> p;
  Geometry g{p.shape};
  float share = 1 / static_cast<float>(p.shape.window);
  __device__ void operator()(int64_t i) const {
    const Range positions = g.positions_of(i / g.row);
    float sum = 0;
    for (int64_t position = positions.first; position < positions.last; ++position) {
      sum += p.input[position * g.row + i % g.row];
    }
    p.output[i] = sum * share;
  }
};

/// dx[position, j] = Σ dy[t, j] / window over the windows that cover the position.
struct AverageBackward {
  AveragePool1dBackward<float> p;
  Geometry g{p.shape};
  float share = 1 / static_cast<float>(p.shape.window);
  __device__ void operator()(int64_t i) const {
    const Range windows = g.windows_of(i / g.row);
    float sum = 0;
    for (int64_t t = windows.first; t < windows.last; ++t) {
      sum += p.output_grad[t * g.row + i % g.row];
    }
    p.input_grad[i] = sum * share;
  }
};

int64_t inputs(const Geometry& g) { return g.s.length * g.row; }
int64_t outputs(const Geometry& g) { return g.out_length * g.row; }

}  // namespace

void max_pool1d_forward(const Cuda& cuda, const MaxPool1dForward<float>& p) {
  p.shape.check();
  const MaxForward f{p};
  for_each_element(cuda, outputs(f.g), f);
}

void max_pool1d_backward(const Cuda& cuda, const MaxPool1dBackward<float>& p) {
  p.shape.check();
  const MaxBackward f{p};
  for_each_element(cuda, inputs(f.g), f);
}

void average_pool1d_forward(const Cuda& cuda, const AveragePool1dForward<float>& p) {
  p.shape.check();
  const AverageForward f{p};
  for_each_element(cuda, outputs(f.g), f);
}

void average_pool1d_backward(const Cuda& cuda, const AveragePool1dBackward<float>& p) {
  p.shape.check();
  const AverageBackward f{p};
  for_each_element(cuda, inputs(f.g), f);
}

}  // namespace stroma::kernels
