// Means of groups of rows on the GPU: a warp a row, which looks for the others of its group by
// itself; sums in the order of the rows, as on the CPU.
#include "kernels/cuda/elements.h"
#include "kernels/group_mean.h"

namespace stroma::kernels {
namespace {

using Warp = cg::thread_block_tile<32>;

constexpr int warps = 8;  // of a block

/// The first row of the group of row n, and how many rows that group has; in every lane.
struct Group {
  int64_t first, size;
};

__device__ Group group_of(const Warp& warp, const int32_t* groups, int64_t rows, int64_t n) {
  int64_t first = n;
  int64_t size = 0;
  for (int64_t m = warp.thread_rank(); m < rows; m += 32) {
    if (groups[m] != groups[n]) continue;
    first = m < first ? m : first;
    ++size;
  }
  return {cg::reduce(warp, first, cg::less<int64_t>()),
          cg::reduce(warp, size, cg::plus<int64_t>())};
}

__global__ void __launch_bounds__(warps * 32) group_mean_kernel(const GroupMeanForward<float> g) {
  const Warp warp = cg::tiled_partition<32>(cg::this_thread_block());
  const int64_t n = int64_t{blockIdx.x} * warps + warp.meta_group_rank();
  if (n >= g.rows) return;  // the whole warp
  const Group group = group_of(warp, g.groups, g.rows, n);
  const bool has_mean = group.first == n && group.size >= 2;
  if (warp.thread_rank() == 0) {
    g.weights[n] = !has_mean ? 0 : g.row_weights != nullptr ? g.row_weights[n] : 1;
  }
  for (int64_t c = warp.thread_rank(); c < g.columns; c += 32) {
    float sum = 0;
    for (int64_t m = n; has_mean && m < g.rows; ++m) {
      if (g.groups[m] == g.groups[n]) sum += g.input[m * g.columns + c];
    }
    g.output[n * g.columns + c] = has_mean ? sum / static_cast<float>(group.size) : 0;
  }
}

__global__ void __launch_bounds__(warps * 32)
    group_mean_backward_kernel(const GroupMeanBackward<float> g) {
  const Warp warp = cg::tiled_partition<32>(cg::this_thread_block());
  const int64_t n = int64_t{blockIdx.x} * warps + warp.meta_group_rank();
  if (n >= g.rows) return;  // the whole warp
  const Group group = group_of(warp, g.groups, g.rows, n);
  for (int64_t c = warp.thread_rank(); c < g.columns; c += 32) {
    g.input_grad[n * g.columns + c] = group.size < 2 ? 0
                                                     : g.output_grad[group.first * g.columns + c] /
                                                           static_cast<float>(group.size);
  }
}

LaunchConfig warp_a_row(const Cuda& cuda, int64_t rows) {
  return {.grid = static_cast<unsigned>((rows + warps - 1) / warps),
          .block = warps * 32,
          .stream = cuda.stream};
}

}  // namespace

void group_mean_forward(const Cuda& cuda, const GroupMeanForward<float>& g) {
  g.check();
  if (g.rows > 0) launch<group_mean_kernel>(warp_a_row(cuda, g.rows), g);
}

void group_mean_backward(const Cuda& cuda, const GroupMeanBackward<float>& g) {
  g.check();
  if (g.rows > 0) launch<group_mean_backward_kernel>(warp_a_row(cuda, g.rows), g);
}

}  // namespace stroma::kernels
