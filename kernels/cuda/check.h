// Checked calls of the CUDA runtime.
#pragma once

#include <string>

#include "kernels/cuda/runtime.h"
#include "kernels/error.h"

namespace stroma::kernels {

/// Throws Error with the call's place if it has failed: check(cudaMalloc(…), "cudaMalloc").
inline void check(cudaError_t status, const std::string& what, const char* file = __builtin_FILE(),
                  int line = __builtin_LINE()) {
  if (status == cudaSuccess) return;
  cudaGetLastError();  // it has been reported; later calls shall not see it again
  throw Error(what + " failed: " + cudaGetErrorString(status) + " (" + cudaGetErrorName(status) +
              ", " + file + ":" + std::to_string(line) + ")");
}

}  // namespace stroma::kernels
