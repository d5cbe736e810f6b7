// Barriers in shared memory that count arrivals and bytes, and stores to another block of the
// cluster that report to one (PTX ISA: mbarrier, st.async), under the names of <cuda/ptx>. A store
// is carried out at once or when its barrier's phase is complete, as drawn from the seed, so that a
// reader that does not wait finds what was there before.
#pragma once

#include <cstdint>

#include "kernels/cuda/emulator/warp.h"

namespace stroma::emulator {

void mbarrier_init(uint64_t* barrier, uint32_t arrivals, Site site);
void mbarrier_arrive_expect_tx(uint64_t* barrier, uint32_t bytes, Site site);
/// Where it is not complete, lets others run and looks again.
bool mbarrier_try_wait_parity(uint64_t* barrier, uint32_t parity, Site site);
void st_async(void* target, const void* value, uint64_t* barrier, Site site);

}  // namespace stroma::emulator

// NOLINTBEGIN(readability-identifier-naming): the names are CUDA's.

namespace cuda::ptx {

inline constexpr struct sem_release_t {
} sem_release;
inline constexpr struct sem_acquire_t {
} sem_acquire;
inline constexpr struct sem_relaxed_t {
} sem_relaxed;
inline constexpr struct scope_cta_t {
} scope_cta;
inline constexpr struct scope_cluster_t {
} scope_cluster;
inline constexpr struct space_shared_t {
} space_shared;
inline constexpr struct space_cluster_t {
} space_cluster;

inline void mbarrier_init(uint64_t* barrier, uint32_t arrivals, STROMA_EMULATED_SITE) {
  stroma::emulator::mbarrier_init(barrier, arrivals, site);
}

/// One arrival, and so many bytes more to come in this phase.
inline void mbarrier_arrive_expect_tx(sem_release_t, scope_cta_t, space_shared_t, uint64_t* barrier,
                                      uint32_t bytes, STROMA_EMULATED_SITE) {
  stroma::emulator::mbarrier_arrive_expect_tx(barrier, bytes, site);
}

/// Whether the phase of that parity is complete.
inline bool mbarrier_try_wait_parity(sem_relaxed_t, scope_cluster_t, uint64_t* barrier,
                                     uint32_t parity, STROMA_EMULATED_SITE) {
  return stroma::emulator::mbarrier_try_wait_parity(barrier, parity, site);
}

/// After a relaxed wait. Memory has one order here.
inline void fence_sync_restrict(sem_acquire_t, space_cluster_t, scope_cluster_t) {}

/// 16 bytes to an address of map_shared_rank, which they report to a barrier of the same block.
template <class T>
void st_async(T* target, const T (&value)[4], uint64_t* barrier, STROMA_EMULATED_SITE) {
  static_assert(sizeof(T) == 4);
  stroma::emulator::st_async(target, value, barrier, site);
}

}  // namespace cuda::ptx

// NOLINTEND(readability-identifier-naming)
