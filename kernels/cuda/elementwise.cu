#include <algorithm>

#include "kernels/cuda/elements.h"
#include "kernels/elementwise.h"

namespace stroma::kernels {
namespace {

struct Fill {
  float* data;
  float value;
  __device__ void operator()(int64_t i) const { data[i] = value; }
};

struct AddTo {
  float* target;
  const float* source;
  __device__ void operator()(int64_t i) const { target[i] += source[i]; }
};

struct Add {
  const float* left;
  const float* right;
  float* output;
  __device__ void operator()(int64_t i) const { output[i] = left[i] + right[i]; }
};

struct Scale {
  float* data;
  const float* factor;
  __device__ void operator()(int64_t i) const { data[i] *= *factor; }
};

constexpr int row_tile_columns = 32, row_tile_rows = 8;

/// matrix[i, j] = row[j] in matrix [rows, columns].
///
/// A thread keeps row[j] and writes it to every row that is its block's: no division, and a warp
/// writes 128 bytes of a row. Blocks of 32 columns x 8 rows, as many along y as rows ask for, up to
/// 1,024.
__global__ void repeat_row_kernel(const float* row, int64_t rows, int64_t columns, float* matrix) {
  const int64_t j = int64_t{blockIdx.x} * row_tile_columns + threadIdx.x;
  if (j >= columns) return;
  const float value = row[j];
  for (int64_t i = int64_t{blockIdx.y} * row_tile_rows + threadIdx.y; i < rows;
       i += int64_t{gridDim.y} * row_tile_rows) {
    matrix[i * columns + j] = value;
  }
}

}  // namespace

void fill(const Cuda& cuda, float* data, int64_t count, float value) {
  for_each_element(cuda, count, Fill{data, value});
}

void repeat_row(const Cuda& cuda, const float* row, int64_t rows, int64_t columns, float* matrix) {
  if (rows == 0 || columns == 0) return;
  const int64_t tiles = (columns + row_tile_columns - 1) / row_tile_columns;
  const int64_t blocks = (rows + row_tile_rows - 1) / row_tile_rows;
  launch<repeat_row_kernel>({.grid = {static_cast<unsigned>(tiles),
                                      static_cast<unsigned>(std::min<int64_t>(blocks, 1024))},
                             .block = {row_tile_columns, row_tile_rows},
                             .stream = cuda.stream},
                            row, rows, columns, matrix);
}

void add_to(const Cuda& cuda, float* target, const float* source, int64_t count) {
  for_each_element(cuda, count, AddTo{target, source});
}

void add(const Cuda& cuda, const float* left, const float* right, float* output, int64_t count) {
  for_each_element(cuda, count, Add{left, right, output});
}

void scale(const Cuda& cuda, float* data, int64_t count, const float* factor) {
  for_each_element(cuda, count, Scale{data, factor});
}

}  // namespace stroma::kernels
