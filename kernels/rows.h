// Sums over the rows of a matrix, and rows multiplied by a number each: means over the channels of
// the positions of a sequence, and a sequence of one channel over all channels of another.
#pragma once

#include <cstdint>

#include "kernels/context.h"

namespace stroma::kernels {

/// sums[i] = factor · Σ_j left[i, j] · right[i, j], or factor · Σ_j left[i, j].
template <class T>
struct RowSums {
  int64_t rows, columns;
  const T* left;   // [rows, columns]
  const T* right;  // [rows, columns], or nullptr
  T factor = 1;
  T* sums;  // [rows], written
};

/// output[i, j] = factor · scales[i] · input[i, j], or factor · scales[i].
template <class T>
struct ScaleRows {
  int64_t rows, columns;
  const T* input;   // [rows, columns], or nullptr
  const T* scales;  // [rows]
  T factor = 1;
  T* output;  // [rows, columns], written; may be `input`
};

template <class T>
void row_sums(const Cpu&, const RowSums<T>&);
template <class T>
void scale_rows(const Cpu&, const ScaleRows<T>&);

void row_sums(const Cuda&, const RowSums<float>&);
void scale_rows(const Cuda&, const ScaleRows<float>&);

}  // namespace stroma::kernels
