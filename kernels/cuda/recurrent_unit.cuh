// What every recurrent kernel shares: the hidden unit that a thread walks with, and where its
// numbers lie.
#pragma once

#include "kernels/cuda/cuda.h"
#include "kernels/recurrent.h"

namespace stroma::kernels {

__device__ __forceinline__ float sigmoid(float x) { return 1.0f / (1.0f + expf(-x)); }

/// One hidden unit in one row of the batch, which a thread takes through all steps.
struct RecurrentUnit {
  int64_t n, unit, hidden;

  /// Step number `walked` of the walk, as a position of the sequence and as a row of the buffers.
  template <class Direction>
  __device__ __forceinline__ static int64_t position(const Direction& d, int64_t walked) {
    return d.reverse ? d.steps - 1 - walked : walked;
  }
  template <class Direction>
  __device__ __forceinline__ int64_t row(const Direction& d, int64_t walked) const {
    return position(d, walked) * d.batch + n;
  }

  /// The positions of the row's sequence that are no padding.
  template <class Direction>
  __device__ __forceinline__ int length(const Direction& d) const {
    const bool ends_early = d.lengths != nullptr && n < d.batch;
    return ends_early ? d.lengths[n] : static_cast<int>(d.steps);
  }

  /// Whether step number `walked` is the last that the row walks, whose h is the final output. A
  /// row of no positions has a zero there.
  template <class Direction>
  __device__ __forceinline__ bool is_last(const Direction& d, int64_t walked) const {
    return position(d, walked) == (d.reverse ? 0 : max(length(d), 1) - 1);
  }
};

/// h of a step, which is also the final output where it is the row's last.
__device__ __forceinline__ void store_output(const RecurrentForward<float>& d,
                                             const RecurrentUnit& own, int64_t walked, float h) {
  d.output[own.row(d, walked) * d.output_stride + own.unit] = h;
  if (d.final_output != nullptr && own.is_last(d, walked)) {
    d.final_output[own.n * d.final_output_stride + own.unit] = h;
  }
}

/// dh of a step, without the part that comes through the step after.
__device__ __forceinline__ float load_output_grad(const RecurrentBackward<float>& d,
                                                  const RecurrentUnit& own, int64_t walked) {
  if (!d.last_only) {
    return d.output_grad[own.row(d, walked) * d.output_grad_stride + own.unit];
  }
  return own.is_last(d, walked) ? d.output_grad[own.n * d.output_grad_stride + own.unit] : 0.0f;
}

}  // namespace stroma::kernels
