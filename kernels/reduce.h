// Sums in a fixed order, so that a run repeats to the bit.
#pragma once

#include <cstdint>

#include "kernels/context.h"

namespace stroma::kernels {

/// sums[j] += Σ_i matrix[i, j] over the rows of matrix [rows, columns], rows `stride` apart. The
/// same is added to `also`, unless that is null: an LSTM's two biases have one gradient.
template <class T>
void add_column_sums(const Cpu&, const T* matrix, int64_t rows, int64_t columns, int64_t stride,
                     T* sums, T* also = nullptr);
void add_column_sums(const Cuda&, const float* matrix, int64_t rows, int64_t columns,
                     int64_t stride, float* sums, float* also = nullptr);

/// *sum = Σ data[i]², i < count.
template <class T>
void sum_of_squares(const Cpu&, const T* data, int64_t count, T* sum);
void sum_of_squares(const Cuda&, const float* data, int64_t count, float* sum);

}  // namespace stroma::kernels
