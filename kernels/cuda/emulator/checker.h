// Looks at every load and store of a kernel. In a checked build (CMake: STROMA_GPU=emulated with
// STROMA_SANITIZE) the compiler calls checker.cpp at each of them, and these are found:
//   memory that is neither the device's nor the block's (or cluster's) shared memory: out of
//   bounds,
//     freed, or the host's;
//   reads of shared and global memory that was never written;
//   races: two threads of a cluster touch the same shared memory, one of them writes, and no
//   barrier
//     or operation of their warp lies between.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/cuda/emulator/memory.h"

namespace stroma::emulator {

struct Thread;

/// How often each lane of its warp had met others when a lane last heard of it: a vector clock.
using LaneClock = std::array<uint32_t, checks_kernels ? 32 : 0>;

/// One access to shared memory.
struct Access {
  const Thread* thread = nullptr;
  uint32_t block_phase = 0, cluster_phase = 0;  // barriers passed before it
  uint32_t lane_clock = 0;
  const void* place = nullptr;  // in the program
};

/// What is known of a block's shared memory.
struct SharedShadow {
  std::vector<uint8_t> written;     // of each byte
  std::vector<Access> write, read;  // the last to each four bytes

  /// Of `bytes` bytes, none of them written.
  void clear([[maybe_unused]] std::size_t bytes) {
    if (!checks_kernels) return;
    written.assign(bytes, 0);
    write.assign((bytes + 3) / 4, {});
    read.assign((bytes + 3) / 4, {});
  }
};

enum class AccessKind { read, write, atomic };

#if STROMA_CHECK_KERNELS

/// Called for each access of the current thread. `place` is where in the program it is.
void check_access(const void* address, std::size_t bytes, AccessKind kind, const void* place);

/// The lanes in `mask` have met: each knows what the others did before.
void join_clocks(Thread* warp, uint32_t mask);

#else

inline void check_access(const void*, std::size_t, AccessKind, const void*) {}
inline void join_clocks(Thread*, uint32_t) {}

#endif

}  // namespace stroma::emulator
