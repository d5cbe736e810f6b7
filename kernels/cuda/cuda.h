// What a kernel file includes first: CUDA, or its emulator, and what both share.
#pragma once

#if STROMA_EMULATED
#include "kernels/cuda/emulator/emulator.h"
#else
#include <cooperative_groups.h>
#include <cooperative_groups/reduce.h>
#include <cooperative_groups/scan.h>
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_pipeline.h>
#include <cuda_runtime.h>

#include "kernels/cuda/before_sm90.h"
#endif

#include "kernels/cuda/check.h"
#include "kernels/cuda/launch.h"

namespace stroma::kernels {

namespace cg = cooperative_groups;

/// The shared memory of the block, LaunchConfig::shared_bytes of it, as one T or the first of many.
/// It is aligned to 16 bytes, and never written before.
template <class T>
__device__ __forceinline__ T* shared_memory() {
  static_assert(alignof(T) <= 16);
#if STROMA_EMULATED
  return static_cast<T*>(emulator::shared_memory(sizeof(T)));
#else
  extern __shared__ __align__(16) unsigned char stroma_shared_memory[];
  return reinterpret_cast<T*>(stroma_shared_memory);
#endif
}

/// In a kernel launched with LaunchConfig::overlaps_previous: from here on, what the kernel before
/// it in the stream wrote can be read, and what it reads can be written.
__device__ __forceinline__ void wait_for_previous_kernel() {
#if STROMA_EMULATED || !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 900
  cudaGridDependencySynchronize();
#endif
}

/// When all blocks have called this or ended, the next kernel may start, if it overlaps.
__device__ __forceinline__ void let_next_kernel_start() {
#if STROMA_EMULATED || !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 900
  cudaTriggerProgrammaticLaunchCompletion();
#endif
}

}  // namespace stroma::kernels
