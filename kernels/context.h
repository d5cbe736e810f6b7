// Where a kernel runs. Every kernel function takes one of these first; the engine picks it from the
// tensors' device.
#pragma once

#include <string>

struct CUstream_st;

namespace stroma {

/// The cores of this machine. The number of threads is OpenMP's (`--threads` sets it).
struct Cpu {};

/// What a GPU rounds the factors of matrix products to before it multiplies them: nothing, TF32 (11
/// significant bits) or bfloat16 (8). See docs/precision.md.
enum class Precision { fp32, tf32, bf16 };

/// One GPU; kernels run in the order of `stream`, which is the calling thread's own. A tensor
/// belongs to the thread that made it: threads that train models side by side share none.
struct Cuda {
  int index = 0;
  CUstream_st* stream = nullptr;
  Precision precision = Precision::fp32;
};

// Defined in builds with GPU support, declared in all: so most files compile to the same object in
// each, once.

/// How many GPUs there are; 0 where there is none, or no driver.
int cuda_device_count();

/// Why GPU `index` cannot be used: no driver, no such GPU, too old, kept by others. "" where it
/// can.
std::string cuda_problem(int index);

/// "NVIDIA H200, compute capability 9.0, 132 multiprocessors, 139.8 of 139.8 GiB free".
std::string describe_cuda(int index);

/// GPU `index`, made the calling thread's current one, with the thread's stream. Throws Error where
/// there is a cuda_problem.
Cuda cuda_context(int index);

}  // namespace stroma
