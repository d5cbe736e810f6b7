// Kernels that treat each element by itself, on the CPU.
#pragma once

#include <cstdint>

#include "kernels/parallel.h"

namespace stroma::kernels {

/// output[i] = f(i), i < count.
template <class T, class F>
void for_each_element(int64_t count, T* output, F f) {
  in_chunks(count, 1 << 14, [=](int64_t begin, int64_t end) {
#pragma omp simd
    for (int64_t i = begin; i < end; ++i) output[i] = f(i);
  });
}

}  // namespace stroma::kernels
