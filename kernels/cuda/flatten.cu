// Flattening on the GPU: each example's [length, channels] transposed.
#include "kernels/cuda/cuda.h"
#include "kernels/flatten.h"

namespace stroma::kernels {
namespace {

constexpr int tile_size = 32;
constexpr int block_rows = 8;

/// Where the elements of a matrix an example lie: [n, i, j] at n · example + i · row + j.
struct Strides {
  int64_t example, row;
};

struct TransposeShared {
  float tile[tile_size][tile_size + 1];  // one more: a column's elements lie in different banks
};

/// output[n, j, i] = input[n, i, j], i < rows, j < columns.
///
/// A block of 32 x 8 threads a tile of 32 x 32: it is read along j and written along i, so that a
/// warp reads and writes 128 bytes at once; the turn is made in shared memory. The tiles of all
/// examples lie along x, where a grid may be long.
__global__ void transpose_kernel(int64_t rows, int64_t columns, const float* input,
                                 Strides input_strides, float* output, Strides output_strides) {
  TransposeShared& shared = *shared_memory<TransposeShared>();
  const int64_t tiles_of_row = (columns + tile_size - 1) / tile_size;
  const int64_t tiles_of_column = (rows + tile_size - 1) / tile_size;
  const int64_t first_column = blockIdx.x % tiles_of_row * tile_size;
  const int64_t first_row = blockIdx.x / tiles_of_row % tiles_of_column * tile_size;
  const int64_t n = blockIdx.x / (tiles_of_row * tiles_of_column);

  const float* from = input + n * input_strides.example;
  const int64_t column = first_column + threadIdx.x;
  for (int y = threadIdx.y; y < tile_size; y += block_rows) {
    if (column < columns && first_row + y < rows) {
      shared.tile[y][threadIdx.x] = from[(first_row + y) * input_strides.row + column];
    }
  }
  cg::this_thread_block().sync();
  float* to = output + n * output_strides.example;
  const int64_t row = first_row + threadIdx.x;
  for (int y = threadIdx.y; y < tile_size; y += block_rows) {
    if (row < rows && first_column + y < columns) {
      to[(first_column + y) * output_strides.row + row] = shared.tile[threadIdx.x][y];
    }
  }
}

void transpose(const Cuda& cuda, int64_t examples, int64_t rows, int64_t columns,
               const float* input, Strides input_strides, float* output, Strides output_strides) {
  const int64_t tiles =
      ((rows + tile_size - 1) / tile_size) * ((columns + tile_size - 1) / tile_size);
  if (examples * tiles == 0) return;
  launch<transpose_kernel>({.grid = static_cast<unsigned>(examples * tiles),
                            .block = {tile_size, block_rows},
                            .shared_bytes = sizeof(TransposeShared),
                            .stream = cuda.stream},
                           rows, columns, input, input_strides, output, output_strides);
}

/// Of [length, batch, channels], an example a matrix [length, channels].
Strides sequence_strides(const Flatten<float>& x) { return {x.channels, x.batch * x.channels}; }
/// Of [batch, channels · length], an example a matrix [channels, length].
Strides vector_strides(const Flatten<float>& x) { return {x.channels * x.length, x.length}; }

}  // namespace

void flatten(const Cuda& cuda, const Flatten<float>& x) {
  x.check();
  transpose(cuda, x.batch, x.length, x.channels, x.input, sequence_strides(x), x.output,
            vector_strides(x));
}

void unflatten(const Cuda& cuda, const Flatten<float>& x) {
  x.check();
  transpose(cuda, x.batch, x.channels, x.length, x.input, vector_strides(x), x.output,
            sequence_strides(x));
}

}  // namespace stroma::kernels
