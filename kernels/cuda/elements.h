// Kernels that treat each element by itself: of an array, f(i) for every i < count, or of a matrix,
// f(row, column).
#pragma once

#include <cstdint>

#include "kernels/context.h"
#include "kernels/cuda/cuda.h"

namespace stroma::kernels {

template <class F>
__global__ void element_kernel(int64_t count, F f) {
  const int64_t i = int64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  if (i < count) f(i);
}

/// One thread an element. F is a small struct with `__device__ void operator()(int64_t i) const`.
template <class F>
void for_each_element(const Cuda& cuda, int64_t count, const F& f,
                      const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
  constexpr int64_t block = 256;
  if (count == 0) return;
  launch<element_kernel<F>>({.grid = static_cast<unsigned>((count + block - 1) / block),
                             .block = static_cast<unsigned>(block),
                             .stream = cuda.stream,
                             .file = file,
                             .line = line},
                            count, f);
}

constexpr int rows_of_a_block = 8;

template <class F>
__global__ void rows_kernel(int64_t rows, int64_t columns, F f) {
  const int64_t row = int64_t{blockIdx.x} * rows_of_a_block + threadIdx.y;
  if (row >= rows) return;
  for (int64_t column = threadIdx.x; column < columns; column += 32) f(row, column);
}

/// A warp a row, so that what f finds out from the row alone (a division, say) is done once for all
/// that a thread does of it. F has `__device__ void operator()(int64_t row, int64_t column) const`.
template <class F>
void for_each_of_rows(const Cuda& cuda, int64_t rows, int64_t columns, const F& f,
                      const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
  if (rows == 0 || columns == 0) return;
  launch<rows_kernel<F>>(
      {.grid = static_cast<unsigned>((rows + rows_of_a_block - 1) / rows_of_a_block),
       .block = {32, rows_of_a_block},
       .stream = cuda.stream,
       .file = file,
       .line = line},
      rows, columns, f);
}

}  // namespace stroma::kernels
