// Sums on the CPU. The work is cut into blocks by its shape alone; each block is summed by one
// thread and the blocks' sums are added in their order.
#include "kernels/reduce.h"

#include "kernels/memory.h"
#include "kernels/parallel.h"

namespace stroma::kernels {
namespace {

constexpr int64_t tile_columns = 64;  // as many accumulators as stay in registers
constexpr int64_t block_rows = 512;

/// sums[j] += Σ_i matrix[i, j], j < columns ≤ tile_columns.
template <class T>
void add_tile(const T* matrix, int64_t rows, int64_t columns, int64_t stride, T* sums) {
  T partial[tile_columns] = {};
  if (columns == tile_columns) {  // a constant width keeps `partial` in registers
    for (int64_t i = 0; i < rows; ++i) {
#pragma omp simd
      for (int64_t j = 0; j < tile_columns; ++j) partial[j] += matrix[i * stride + j];
    }
  } else {
    for (int64_t i = 0; i < rows; ++i) {
#pragma omp simd
      for (int64_t j = 0; j < columns; ++j) partial[j] += matrix[i * stride + j];
    }
  }
  for (int64_t j = 0; j < columns; ++j) sums[j] += partial[j];
}

}  // namespace

template <class T>
void add_column_sums(const Cpu& cpu, const T* matrix, int64_t rows, int64_t columns, int64_t stride,
                     T* sums, T* also) {
  const int64_t tiles = (columns + tile_columns - 1) / tile_columns;
  const int64_t blocks = (rows + block_rows - 1) / block_rows;
  Workspace<T, Cpu> partial(cpu, blocks * columns);  // [blocks, columns]
  T* block_sums = partial.data();
  std::fill(block_sums, block_sums + blocks * columns, T{0});
  // Item (block, tile); a chunk is a few tens of thousands of additions.
  in_chunks(blocks * tiles, 2, [=](int64_t begin, int64_t end) {
    for (int64_t item = begin; item < end; ++item) {
      const int64_t block = item / tiles, column = item % tiles * tile_columns;
      const int64_t first = block * block_rows;
      add_tile(matrix + first * stride + column, std::min(block_rows, rows - first),
               std::min(tile_columns, columns - column), stride,
               block_sums + block * columns + column);
    }
  });
  for (T* target : {sums, also}) {
    if (target == nullptr) continue;
    for (int64_t block = 0; block < blocks; ++block) {
      const T* row = block_sums + block * columns;
#pragma omp simd
      for (int64_t j = 0; j < columns; ++j) target[j] += row[j];
    }
  }
}

template <class T>
void sum_of_squares(const Cpu& cpu, const T* data, int64_t count, T* sum) {
  constexpr int64_t grain = 1 << 14;
  const int64_t blocks = (count + grain - 1) / grain;
  Workspace<double, Cpu> partial(cpu, blocks);  // [blocks]
  double* block_sums = partial.data();
  in_chunks(count, grain, [=](int64_t begin, int64_t end) {
    double squares = 0;
#pragma omp simd reduction(+ : squares)
    for (int64_t i = begin; i < end; ++i) squares += double(data[i]) * double(data[i]);
    block_sums[begin / grain] = squares;
  });
  double total = 0;
  for (int64_t block = 0; block < blocks; ++block) total += block_sums[block];
  *sum = static_cast<T>(total);
}

#define STROMA_INSTANTIATE(T)                                                                \
  template void add_column_sums<T>(const Cpu&, const T*, int64_t, int64_t, int64_t, T*, T*); \
  template void sum_of_squares<T>(const Cpu&, const T*, int64_t, T*);
STROMA_INSTANTIATE(float)
STROMA_INSTANTIATE(double)
#undef STROMA_INSTANTIATE

}  // namespace stroma::kernels
