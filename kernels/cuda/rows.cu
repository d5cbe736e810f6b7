// Rows on the GPU: a warp a row.
#include "kernels/cuda/elements.h"
#include "kernels/rows.h"

namespace stroma::kernels {
namespace {

/// Lane l adds columns l, l + 32, …; then the butterfly of cg::reduce, so that the order of a sum
/// depends on the number of columns alone.
__global__ void row_sums_kernel(RowSums<float> p) {
  const int64_t row = int64_t{blockIdx.x} * rows_of_a_block + threadIdx.y;
  if (row >= p.rows) return;
  const auto warp = cg::tiled_partition<32>(cg::this_thread_block());
  float sum = 0;
  for (int64_t j = threadIdx.x; j < p.columns; j += 32) {
    const int64_t i = row * p.columns + j;
    sum += p.right != nullptr ? p.left[i] * p.right[i] : p.left[i];
  }
  sum = cg::reduce(warp, sum, cg::plus<float>());
  if (threadIdx.x == 0) p.sums[row] = p.factor * sum;
}

struct Scale {
  ScaleRows<float> p;
  __device__ void operator()(int64_t row, int64_t column) const {
    const int64_t i = row * p.columns + column;
    const float scale = p.factor * p.scales[row];
    p.output[i] = p.input != nullptr ? scale * p.input[i] : scale;
  }
};

}  // namespace

void row_sums(const Cuda& cuda, const RowSums<float>& p) {
  if (p.rows == 0) return;
  launch<row_sums_kernel>(
      {.grid = static_cast<unsigned>((p.rows + rows_of_a_block - 1) / rows_of_a_block),
       .block = {32, rows_of_a_block},
       .stream = cuda.stream},
      p);
}

void scale_rows(const Cuda& cuda, const ScaleRows<float>& p) {
  for_each_of_rows(cuda, p.rows, p.columns, Scale{p});
}

}  // namespace stroma::kernels
