// Chips before compute capability 9.0 have neither clusters, stores between their blocks, nor
// programmatic dependent launch. This lets kernels that use them compile for such chips, where they
// are never launched: resident_blocks() is 0 for a cluster of more than one block.
#pragma once

#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ < 900

namespace cooperative_groups {

class cluster_group {
 public:
  struct arrival_token {};

  static __device__ void sync() { __trap(); }
  static __device__ arrival_token barrier_arrive() {
    __trap();
    return {};
  }
  static __device__ void barrier_wait() { __trap(); }
  static __device__ void barrier_wait(arrival_token&&) { __trap(); }
  static __device__ unsigned block_rank() { return 0; }
  static __device__ unsigned num_blocks() { return 1; }
  static __device__ unsigned thread_rank() { return this_thread_block().thread_rank(); }
  static __device__ unsigned num_threads() { return this_thread_block().num_threads(); }
  static __device__ dim3 block_index() { return dim3(0, 0, 0); }
  static __device__ dim3 dim_blocks() { return dim3(1, 1, 1); }
  template <class T>
  static __device__ T* map_shared_rank(T* address, int) {
    return address;
  }
};

inline __device__ cluster_group this_cluster() { return {}; }

}  // namespace cooperative_groups

namespace cuda::ptx {

struct Any {};
constexpr Any sem_release, sem_acquire, sem_relaxed, scope_cta, scope_cluster, space_shared,
    space_cluster;

inline __device__ void mbarrier_init(uint64_t*, uint32_t) { __trap(); }
inline __device__ void mbarrier_arrive_expect_tx(Any, Any, Any, uint64_t*, uint32_t) { __trap(); }
inline __device__ bool mbarrier_try_wait_parity(Any, Any, uint64_t*, uint32_t) {
  __trap();
  return true;
}
inline __device__ void fence_sync_restrict(Any, Any, Any) { __trap(); }
template <class T>
__device__ void st_async(T*, const T (&)[4], uint64_t*) {
  __trap();
}

}  // namespace cuda::ptx

#else

#include <cuda/ptx>

#endif
