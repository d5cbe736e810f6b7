// Products of elements on the GPU.
#include <algorithm>

#include "kernels/cuda/cuda.h"
#include "kernels/multiply.h"

namespace stroma::kernels {
namespace {

constexpr int block = 256;

/// output[i, j] = matrix[i, j] · row[j].
///
/// A thread keeps row[j] and takes every gridDim.y-th row: no division, and a warp reads and writes
/// 128 bytes at once.
__global__ void multiply_rows_kernel(int64_t rows, int64_t columns, const float* matrix,
                                     const float* row, float* output) {
  const int64_t j = int64_t{blockIdx.x} * block + threadIdx.x;
  if (j >= columns) return;
  const float factor = row[j];
  for (int64_t i = blockIdx.y; i < rows; i += gridDim.y) {
    output[i * columns + j] = matrix[i * columns + j] * factor;
  }
}

void multiply_rows(const Cuda& cuda, int64_t rows, int64_t columns, const float* matrix,
                   const float* row, float* output) {
  if (rows == 0 || columns == 0) return;
  launch<multiply_rows_kernel>({.grid = {static_cast<unsigned>((columns + block - 1) / block),
                                         static_cast<unsigned>(std::min<int64_t>(rows, 1024))},
                                .block = block,
                                .stream = cuda.stream},
                               rows, columns, matrix, row, output);
}

constexpr int tile_columns = 32, tile_rows = 8;

struct ProductSumsShared {
  float partial[tile_rows][tile_columns];
};

/// sums[j] = Σ_i a[i, j] · b[i, j], in an order that the shape alone decides.
///
/// A block of 32 x 8 threads 32 columns: thread (x, y) sums rows y, y + 8, … of column x; then
/// warp 0 adds the 8 partial sums of each column.
__global__ void product_sums_kernel(int64_t rows, int64_t columns, const float* a, const float* b,
                                    float* sums) {
  ProductSumsShared& shared = *shared_memory<ProductSumsShared>();
  const int64_t j = int64_t{blockIdx.x} * tile_columns + threadIdx.x;
  float sum = 0;
  if (j < columns) {
#pragma unroll 4
    for (int64_t i = threadIdx.y; i < rows; i += tile_rows) {
      sum += a[i * columns + j] * b[i * columns + j];
    }
  }
  shared.partial[threadIdx.y][threadIdx.x] = sum;
  cg::this_thread_block().sync();
  if (threadIdx.y != 0 || j >= columns) return;
  for (int y = 1; y < tile_rows; ++y) sum += shared.partial[y][threadIdx.x];
  sums[j] = sum;
}

}  // namespace

void multiply_forward(const Cuda& cuda, const MultiplyForward<float>& m) {
  multiply_rows(cuda, m.rows, m.columns, m.left, m.right, m.output);
}

void multiply_backward(const Cuda& cuda, const MultiplyBackward<float>& m) {
  m.check();
  if (m.left_grad != nullptr) {
    multiply_rows(cuda, m.rows, m.columns, m.output_grad, m.right, m.left_grad);
  }
  if (m.right_grad == nullptr || m.columns == 0) return;
  if (m.rows == 1) return multiply_rows(cuda, 1, m.columns, m.output_grad, m.left, m.right_grad);
  const int64_t tiles = (m.columns + tile_columns - 1) / tile_columns;
  launch<product_sums_kernel>({.grid = static_cast<unsigned>(tiles),
                               .block = {tile_columns, tile_rows},
                               .shared_bytes = sizeof(ProductSumsShared),
                               .stream = cuda.stream},
                              m.rows, m.columns, m.output_grad, m.left, m.right_grad);
}

}  // namespace stroma::kernels
