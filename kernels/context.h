// Where a kernel runs. Every kernel function takes one of these first; the engine picks it from the
// tensors' device.
#pragma once

struct CUstream_st;

namespace stroma {

/// The cores of this machine. The number of threads is OpenMP's (`--threads` sets it).
struct Cpu {};

/// One GPU; kernels run in the order of `stream`.
struct Cuda {
  int index = 0;
  CUstream_st* stream = nullptr;
};

#if STROMA_WITH_CUDA
/// How many GPUs there are; 0 where there is none, or no driver.
int cuda_device_count();

/// GPU `index` with its stream, made the calling thread's current one. Throws Error where there is
/// no such GPU, or it is too old.
Cuda cuda_context(int index);
#endif

}  // namespace stroma
