// The sum of one value of each thread of a block, always added in the same order.
#pragma once

#include "kernels/cuda/cuda.h"

namespace stroma::kernels {

/// Σ value over the threads of the block, in every thread of it; all call it together, and the
/// block is of whole warps. `warp_sums` is shared memory, one element a warp. Within a warp the
/// butterfly of cg::reduce, then the warps in their order.
template <class T>
__device__ T block_sum(T value, T* warp_sums) {
  const auto block = cg::this_thread_block();
  const auto warp = cg::tiled_partition<32>(block);
  value = cg::reduce(warp, value, cg::plus<T>());
  if (warp.thread_rank() == 0) warp_sums[warp.meta_group_rank()] = value;
  block.sync();
  T sum = 0;
  for (unsigned i = 0; i < warp.meta_group_size(); ++i) sum += warp_sums[i];
  block.sync();  // `warp_sums` may be written again
  return sum;
}

}  // namespace stroma::kernels
