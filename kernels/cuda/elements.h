// Kernels that treat each element of an array by itself: f(i) for every i < count.
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

}  // namespace stroma::kernels
