// Rows on the CPU: each is one thread's.
#include "kernels/rows.h"

#include <algorithm>

#include "kernels/parallel.h"

namespace stroma::kernels {
namespace {

/// Calls f(row) for all rows.
template <class F>
void for_rows(int64_t rows, int64_t columns, const F& f) {
  in_chunks(rows, std::max<int64_t>(1, (1 << 14) / columns), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) f(i);
  });
}

}  // namespace

template <class T>
void row_sums(const Cpu&, const RowSums<T>& p) {
  for_rows(p.rows, p.columns, [&](int64_t i) {
    const T* const left = p.left + i * p.columns;
    T sum = 0;
    if (p.right != nullptr) {
      const T* const right = p.right + i * p.columns;
#pragma omp simd reduction(+ : sum)
      for (int64_t j = 0; j < p.columns; ++j) sum += left[j] * right[j];
    } else {
#pragma omp simd reduction(+ : sum)
      for (int64_t j = 0; j < p.columns; ++j) sum += left[j];
    }
    p.sums[i] = p.factor * sum;
  });
}

template <class T>
void scale_rows(const Cpu&, const ScaleRows<T>& p) {
  for_rows(p.rows, p.columns, [&](int64_t i) {
    const T scale = p.factor * p.scales[i];
    T* const output = p.output + i * p.columns;
    if (p.input == nullptr) {
      std::fill_n(output, p.columns, scale);
    } else {
      const T* const input = p.input + i * p.columns;
#pragma omp simd
      for (int64_t j = 0; j < p.columns; ++j) output[j] = scale * input[j];
    }
  });
}

template void row_sums<float>(const Cpu&, const RowSums<float>&);
template void row_sums<double>(const Cpu&, const RowSums<double>&);
template void scale_rows<float>(const Cpu&, const ScaleRows<float>&);
template void scale_rows<double>(const Cpu&, const ScaleRows<double>&);

}  // namespace stroma::kernels
