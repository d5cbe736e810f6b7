// Block-wide barriers and memory fences under CUDA's names.
#pragma once

#include <atomic>

#include "kernels/cuda/emulator/scheduler.h"
#include "kernels/cuda/emulator/warp.h"

// NOLINTBEGIN(readability-identifier-naming,bugprone-reserved-identifier): the names are CUDA's.

inline void __syncthreads(STROMA_EMULATED_SITE) {
  stroma::emulator::Scheduler::of_this_host_thread().sync(stroma::emulator::current->block->barrier,
                                                          "__syncthreads", site);
}

// Blocks may run on several host threads, so fences between them are real.
inline void __threadfence() { std::atomic_thread_fence(std::memory_order_seq_cst); }
inline void __threadfence_block() {}
inline void __threadfence_system() { __threadfence(); }

/// What a loop that waits for memory to change must call, so that others can run.
inline void __nanosleep(unsigned) { stroma::emulator::Scheduler::of_this_host_thread().yield(); }

// Programmatic dependent launch: launches run one after the other, so there is nothing to wait for.
inline void cudaGridDependencySynchronize() {}
inline void cudaTriggerProgrammaticLaunchCompletion() {}

// NOLINTEND(readability-identifier-naming,bugprone-reserved-identifier)
