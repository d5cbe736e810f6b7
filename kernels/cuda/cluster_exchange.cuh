// How the blocks of a cluster hand numbers on at every step of a recurrence. Each store reports
// its bytes to a barrier beside the buffer it writes to (st.async, mbarrier), and a block waits for
// the bytes of a whole buffer. So nobody waits for more than it reads, and no step pays for what
// belongs to a barrier of the cluster: a fence of all memory (MEMBAR.ALL.GPU), where only shared
// memory is read.
#pragma once

#include "kernels/cuda/cuda.h"

namespace stroma::kernels {

/// Exchanges number 0, 1, 2 … of `bytes` bytes to each block, through two buffers in turns. Nothing
/// of exchange e + 2 may be sent before all blocks have read exchange e. That holds where each warp
/// sends to every block after it has read, or each block meets between reading and sending: who has
/// received exchange e + 1 then knows.
class ClusterExchange {
 public:
  static constexpr int floats = 4;  // of shared memory, at its beginning, for the two barriers

  /// All threads of all blocks call it first.
  __device__ ClusterExchange(const cg::cluster_group& cluster, unsigned bytes)
      : arrivals_(shared_memory<uint64_t>()), bytes_(bytes) {
    if (threadIdx.x == 0) {
      for (unsigned buffer = 0; buffer < 2; ++buffer) {
        cuda::ptx::mbarrier_init(arrivals_ + buffer, 1);
        expect(buffer);
      }
    }
    cluster.sync();
  }

  /// A place in the first buffer of a block of the cluster, and that block's barriers.
  struct Place {
    float* first;
    uint64_t* arrivals;
  };
  /// `here` is the same place in this block.
  __device__ __forceinline__ Place in_block(const cg::cluster_group& cluster, int rank,
                                            float* here) const {
    return {cluster.map_shared_rank(here, rank), cluster.map_shared_rank(arrivals_, rank)};
  }

  /// Four numbers to a place, or where the exchange is odd `buffer_floats` behind it.
  __device__ __forceinline__ void send(unsigned exchange, const Place& to, int buffer_floats,
                                       const float (&four)[4]) const {
    const unsigned buffer = exchange % 2;
    cuda::ptx::st_async(to.first + buffer * buffer_floats, four, to.arrivals + buffer);
  }

  /// Until the buffer of the exchange is full. All threads of the block call it, once an exchange.
  __device__ __forceinline__ void wait(unsigned exchange) const {
    const unsigned buffer = exchange % 2;
    while (!cuda::ptx::mbarrier_try_wait_parity(cuda::ptx::sem_relaxed, cuda::ptx::scope_cluster,
                                                arrivals_ + buffer, exchange / 2 % 2)) {
    }
    // An acquire of shared memory alone; a full one would empty the first-level cache.
    cuda::ptx::fence_sync_restrict(cuda::ptx::sem_acquire, cuda::ptx::space_cluster,
                                   cuda::ptx::scope_cluster);
    if (threadIdx.x == 0) expect(buffer);  // the exchange after the next
  }

 private:
  __device__ __forceinline__ void expect(unsigned buffer) const {
    cuda::ptx::mbarrier_arrive_expect_tx(cuda::ptx::sem_release, cuda::ptx::scope_cta,
                                         cuda::ptx::space_shared, arrivals_ + buffer, bytes_);
  }

  uint64_t* arrivals_;
  unsigned bytes_;
};

// Four lanes of a warp, `distance` apart, bring together what one of them sends.

/// Which of its four lanes this one is.
template <int distance>
__device__ __forceinline__ int rank_of_four() {
  return threadIdx.x % 32 / distance % 4;
}

/// four[j]: the value of lane j of the four.
template <int distance>
__device__ __forceinline__ void gather_four(float value, float (&four)[4]) {
  const int first = threadIdx.x % 32 - rank_of_four<distance>() * distance;
#pragma unroll
  for (int j = 0; j < 4; ++j) {
    four[j] = __shfl_sync(0xffffffffu, value, first + j * distance);
  }
}

/// Sends a value of each of four lanes, four numbers in a row, to all `blocks` blocks of the
/// cluster: each lane sends all four to different blocks.
template <int blocks, int distance>
class ToAllBlocks {
 public:
  /// `here`: where the first of the four goes, in this block.
  __device__ __forceinline__ ToAllBlocks(const ClusterExchange& exchange,
                                         const cg::cluster_group& cluster, float* here)
      : exchange_(exchange) {
#pragma unroll
    for (int i = 0; i < sends; ++i) {
      places_[i] = exchange.in_block(cluster, min(block(i), blocks - 1), here);
    }
  }

  __device__ __forceinline__ void send(unsigned exchange, int buffer_floats, float value) const {
    float four[4];
    gather_four<distance>(value, four);
#pragma unroll
    for (int i = 0; i < sends; ++i) {
      if (block(i) < blocks) exchange_.send(exchange, places_[i], buffer_floats, four);
    }
  }

 private:
  static constexpr int sends = (blocks + 3) / 4;
  __device__ __forceinline__ static int block(int i) { return rank_of_four<distance>() + 4 * i; }

  const ClusterExchange& exchange_;
  ClusterExchange::Place places_[sends];
};

/// values[j] of lane i of the four becomes values[i] of lane j.
template <int distance>
__device__ __forceinline__ void transpose_four(float (&values)[4]) {
#pragma unroll
  for (int bit = 1; bit < 4; bit *= 2) {
    const bool upper = (rank_of_four<distance>() & bit) != 0;
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      if ((i & bit) != 0) continue;
      const float give = upper ? values[i] : values[i + bit];
      const float got = __shfl_xor_sync(0xffffffffu, give, bit * distance);
      (upper ? values[i] : values[i + bit]) = got;
    }
  }
}

}  // namespace stroma::kernels
