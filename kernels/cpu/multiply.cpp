// Products of elements on the CPU. A thread takes some columns through all rows, so that a sum over
// rows is one thread's and in their order.
#include "kernels/multiply.h"

#include <algorithm>

#include "kernels/parallel.h"

namespace stroma::kernels {
namespace {

template <class F>
void for_columns(int64_t rows, int64_t columns, const F& f) {
  in_chunks(columns, std::max<int64_t>(64, (1 << 15) / std::max<int64_t>(1, rows)), f);
}

/// output[i, j] = matrix[i, j] · row[j].
template <class T>
void multiply_rows(int64_t rows, int64_t columns, const T* matrix, const T* row, T* output) {
  for_columns(rows, columns, [=](int64_t begin, int64_t end) {
    for (int64_t i = 0; i < rows; ++i) {
      const T* const from = matrix + i * columns;
      T* const to = output + i * columns;
#pragma omp simd
      for (int64_t j = begin; j < end; ++j) to[j] = from[j] * row[j];
    }
  });
}

}  // namespace

template <class T>
void multiply_forward(const Cpu&, const MultiplyForward<T>& m) {
  multiply_rows(m.rows, m.columns, m.left, m.right, m.output);
}

template <class T>
void multiply_backward(const Cpu&, const MultiplyBackward<T>& m) {
  m.check();
  if (m.left_grad != nullptr) {
    multiply_rows(m.rows, m.columns, m.output_grad, m.right, m.left_grad);
  }
  if (m.right_grad == nullptr) return;
  for_columns(m.rows, m.columns, [&](int64_t begin, int64_t end) {
    std::fill(m.right_grad + begin, m.right_grad + end, T(0));
    for (int64_t i = 0; i < m.rows; ++i) {
      const T* const left = m.left + i * m.columns;
      const T* const output_grad = m.output_grad + i * m.columns;
#pragma omp simd
      for (int64_t j = begin; j < end; ++j) m.right_grad[j] += output_grad[j] * left[j];
    }
  });
}

template void multiply_forward<float>(const Cpu&, const MultiplyForward<float>&);
template void multiply_forward<double>(const Cpu&, const MultiplyForward<double>&);
template void multiply_backward<float>(const Cpu&, const MultiplyBackward<float>&);
template void multiply_backward<double>(const Cpu&, const MultiplyBackward<double>&);

}  // namespace stroma::kernels
