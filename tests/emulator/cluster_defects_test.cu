// Planted defects between the blocks of a cluster.
#include "tests/emulator/defects.h"

#if STROMA_EMULATED

#include <cmath>
#include <string>

namespace stroma::kernels {
namespace {

__global__ void leaves_cluster_early(float* output) {
  float* shared = shared_memory<float>();
  const auto cluster = cg::this_cluster();
  shared[threadIdx.x] = 1;
  cluster.sync();
  if (cluster.block_rank() == 0) return;  // though the others still read its memory
  output[32 + threadIdx.x] = *cluster.map_shared_rank(&shared[threadIdx.x], 0);
}

TEST(Defect, ABlockThatLeavesItsClusterTooEarly) {
  // It shows where the other block ends first; without checks what it left is NaN.
  std::string message;
  bool seen = false;
  for (unsigned seed = 0; seed < 8 && !seen; ++seed) {
    emulator::set_order_seed(seed);
    try {
      const auto output = test::output_of<leaves_cluster_early, float>(
          {.grid = 2, .block = 32, .shared_bytes = 128, .cluster = 2}, 64);
      seen = std::isnan(output[32]);
    } catch (const Error& error) {
      message = error.what();
      seen = true;
    }
  }
  emulator::set_order_seed(1);
  EXPECT_TRUE(seen);
  if (emulator::checks_kernels) {
    expect_parts(message, {"kernel leaves_cluster_early, block (1,0,0), thread (",
                           "of the 128 bytes of shared memory of block (0,0,0), which has ended"});
  }
}

__global__ void one_block_skips_cluster_barrier(float* output) {
  if (blockIdx.x % 2 == 0) cg::this_cluster().sync();
  output[threadIdx.x] = 1;
}

TEST(Defect, AClusterBarrierThatNotAllBlocksReach) {
  expect_parts(message_of<one_block_skips_cluster_barrier>({.grid = 4, .block = 32, .cluster = 2}),
               {"waits at cluster_group::sync", "for thread (", "of block (", "which has ended"});
}

__global__ void outside_cluster(float* output) {
  float* shared = shared_memory<float>();
  output[0] = *cg::this_cluster().map_shared_rank(shared, 2);
}

TEST(Defect, SharedMemoryOfABlockThatTheClusterDoesNotHave) {
  expect_parts(
      message_of<outside_cluster>({.grid = 2, .block = 32, .shared_bytes = 4, .cluster = 2}),
      {"map_shared_rank of block 2 in a cluster of 2"});
}

/// Block 0 sends 16 bytes to block 1, which reads them, with or without waiting for `expected`.
__global__ void sends(float* output, int expected, bool waits, bool opens) {
  using namespace cuda;
  const auto cluster = cg::this_cluster();
  auto* arrivals = shared_memory<uint64_t>();
  auto* values = reinterpret_cast<float*>(arrivals + 2);
  if (opens) ptx::mbarrier_init(arrivals, 1);
  cluster.sync();
  if (cluster.block_rank() == 0) {
    ptx::st_async(cluster.map_shared_rank(values, 1), {1.0f, 2.0f, 3.0f, 4.0f},
                  cluster.map_shared_rank(arrivals, 1));
  } else {
    ptx::mbarrier_arrive_expect_tx(ptx::sem_release, ptx::scope_cta, ptx::space_shared, arrivals,
                                   static_cast<uint32_t>(expected));
    while (waits &&
           !ptx::mbarrier_try_wait_parity(ptx::sem_relaxed, ptx::scope_cluster, arrivals, 0)) {
    }
    output[0] = values[3];
  }
  cluster.sync();
}

std::string message_of_sends(int expected, bool waits, bool opens) {
  try {
    const auto output = test::output_of<sends, float>(
        {.grid = 2, .block = 1, .shared_bytes = 32, .cluster = 2}, 1, expected, waits, opens);
    return output[0] == 4 ? "received" : "not there yet";
  } catch (const Error& error) {
    return error.what();
  }
}

TEST(Defect, AStoreToAnotherBlockThatIsNotWaitedFor) {
  EXPECT_EQ(message_of_sends(16, true, true), "received");
  bool missed = false;
  for (unsigned seed = 0; seed < 8; ++seed) {
    emulator::set_order_seed(seed);
    missed = missed || message_of_sends(16, false, true) != "received";
  }
  emulator::set_order_seed(1);
  EXPECT_TRUE(missed);
}

__global__ void sends_to_the_ended(float* output) {
  const auto cluster = cg::this_cluster();
  auto* arrivals = shared_memory<uint64_t>();
  auto* values = reinterpret_cast<float*>(arrivals + 2);
  cuda::ptx::mbarrier_init(arrivals, 1);
  cluster.sync();
  if (cluster.block_rank() == 1) return;  // without waiting for what block 0 sends
  cuda::ptx::st_async(cluster.map_shared_rank(values, 1), {1.0f, 2.0f, 3.0f, 4.0f},
                      cluster.map_shared_rank(arrivals, 1));
  output[0] = 1;
}

TEST(Defect, AStoreToABlockThatHasEnded) {
  bool seen = false;
  for (unsigned seed = 0; seed < 8; ++seed) {
    emulator::set_order_seed(seed);
    const std::string message =
        message_of<sends_to_the_ended>({.grid = 2, .block = 1, .shared_bytes = 32, .cluster = 2});
    seen = seen || message.find("has ended") != std::string::npos;
  }
  emulator::set_order_seed(1);
  EXPECT_TRUE(seen);
}

__global__ void opens_the_barrier_of_another(float* output) {
  const auto cluster = cg::this_cluster();
  auto* arrivals = shared_memory<uint64_t>();
  cuda::ptx::mbarrier_init(cluster.map_shared_rank(arrivals, 1), 1);
  output[0] = 1;
  cluster.sync();
}

TEST(Defect, OpeningTheBarrierOfAnotherBlock) {
  expect_parts(message_of<opens_the_barrier_of_another>(
                   {.grid = 2, .block = 1, .shared_bytes = 32, .cluster = 2}),
               {"block (0,0,0), thread (0,0,0): calls mbarrier_init (",
                "cluster_defects_test.cu:", "the barrier is another block's"});
}

TEST(Defect, AStoreToAnotherBlockWithTheWrongBytesOrBarrier) {
  expect_parts(message_of_sends(32, true, true),
               {"kernel sends, block (1,0,0)", "polls memory that nobody writes"});
  expect_parts(message_of_sends(16, true, false),
               {"kernel sends, block (", "nobody has called mbarrier_init"});
}

}  // namespace
}  // namespace stroma::kernels

#endif
