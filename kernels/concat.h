// Parts side by side along the last dimension: of [rows, a] and [rows, b] a matrix [rows, a + b],
// where rows are all dimensions before. A part is copied to its columns, and in the backward pass
// its gradient from there.
#pragma once

#include <cstdint>

#include "kernels/check.h"
#include "kernels/context.h"

namespace stroma::kernels {

/// to[i · to_stride + j] = from[i · from_stride + j], i < rows, j < columns.
template <class T>
struct CopyColumns {
  int64_t rows, columns;
  const T* from;
  int64_t from_stride;
  T* to;
  int64_t to_stride;

  void check() const {
    STROMA_ASSERT(from_stride >= columns && to_stride >= columns, "rows do not overlap");
  }
};

template <class T>
void copy_columns(const Cpu&, const CopyColumns<T>&);
void copy_columns(const Cuda&, const CopyColumns<float>&);

}  // namespace stroma::kernels
