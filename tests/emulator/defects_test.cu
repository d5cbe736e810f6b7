// Kernels with a planted defect each: the emulator must find it, and name kernel, block and thread.
#include "tests/emulator/device.h"

#if STROMA_EMULATED

#include <cmath>
#include <string>

#include "kernels/cuda/emulator/memory.h"

namespace stroma::kernels {
namespace {

/// The message of the Error that a launch throws.
template <auto kernel>
std::string message_of(const LaunchConfig& config) {
  try {
    test::output_of<kernel, float>(config, 1024);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

/// Fails unless the message has all these parts.
void expect_parts(const std::string& message, const std::vector<std::string>& parts) {
  for (const std::string& part : parts) {
    EXPECT_NE(message.find(part), std::string::npos) << "no \"" << part << "\" in: " << message;
  }
}

__global__ void barrier_in_branches(float* output) {
  if (threadIdx.x < 40) {
    __syncthreads();
  } else {
    __syncthreads();
  }
  output[0] = 1;
}

TEST(Defect, ThreadsOfABlockAtDifferentBarriers) {
  expect_parts(message_of<barrier_in_branches>({.grid = 3, .block = 64}),
               {"kernel barrier_in_branches, block (", ",0,0), thread (", "__syncthreads",
                "defects_test.cu:", "but thread ("});
}

__global__ void early_return(float* output) {
  if (threadIdx.x == 21) return;
  __syncthreads();
  output[threadIdx.x] = 1;
}

TEST(Defect, ABarrierThatAThreadHasLeft) {
  expect_parts(message_of<early_return>({.block = 64}),
               {"kernel early_return, block (0,0,0), thread (", "waits at __syncthreads",
                "for thread (21,0,0), which has ended"});
}

__global__ void warp_waits_for_block(float* output) {
  const auto warp = cg::tiled_partition<32>(cg::this_thread_block());
  if (threadIdx.x == 5) {
    __syncthreads();
  } else {
    output[threadIdx.x] = warp.shfl(1.0f, 5);
  }
  __syncthreads();
}

TEST(Defect, ALaneThatWaitsElsewhere) {
  expect_parts(message_of<warp_waits_for_block>({.block = 32}),
               {"waits at tile::shfl", "for thread (5,0,0), which waits at __syncthreads"});
}

__global__ void lanes_disagree(float* output) {
  const unsigned mask = threadIdx.x < 16 ? 0xffffu : 0xfffffff0u;
  output[threadIdx.x] = __shfl_sync(mask, 1.0f, 8);
}

TEST(Defect, LanesWithOverlappingMasks) {
  EXPECT_NE(message_of<lanes_disagree>({.block = 32}), "no error");
}

__global__ void not_in_mask(float* output) {
  output[threadIdx.x] = __shfl_sync(0x7fffffffu, 1.0f, 8);
}

TEST(Defect, ALaneOutsideItsMask) {
  expect_parts(message_of<not_in_mask>({.block = 32}), {"0x7fffffff", "of which it is none"});
}

__global__ void full_mask(float* output) {
  output[threadIdx.x] = __shfl_sync(0xffffffffu, 1.0f, 8);
}

TEST(Defect, LanesThatTheBlockDoesNotHave) {
  expect_parts(message_of<full_mask>({.block = 40}), {"its block has only 40 threads"});
  expect_parts(message_of<warp_waits_for_block>({.block = 40}), {"does not divide into tiles"});
}

__global__ void takes_from_no_lane(float* output) {
  if (threadIdx.x < 16) output[threadIdx.x] = __shfl_sync(0xffffu, 1.0f, 20);
}

TEST(Defect, AValueFromALaneThatTakesNoPart) {
  EXPECT_TRUE(std::isnan(test::output_of<takes_from_no_lane, float>({.block = 32}, 32)[3]));
}

__global__ void arrives_twice(float* output) {
  const auto block = cg::this_thread_block();
  auto token = block.barrier_arrive();
  if (threadIdx.x == 3) token = block.barrier_arrive();
  block.barrier_wait(std::move(token));
  output[0] = 1;
}

TEST(Defect, ArrivingTwice) { EXPECT_NE(message_of<arrives_twice>({.block = 32}), "no error"); }

__global__ void neighbour_without_barrier(float* output) {
  float* shared = shared_memory<float>();
  shared[threadIdx.x] = static_cast<float>(threadIdx.x);
  output[threadIdx.x] = shared[(threadIdx.x + 1) % blockDim.x];
}

__global__ void neighbour(float* output) {
  float* shared = shared_memory<float>();
  shared[threadIdx.x] = static_cast<float>(threadIdx.x);
  __syncthreads();
  output[threadIdx.x] = shared[(threadIdx.x + 1) % blockDim.x];
}

template <auto kernel>
void try_any_order() {
  std::vector<float> output, expected(64);
  for (int i = 0; i < 64; ++i) expected[i] = static_cast<float>((i + 1) % 64);
  emulator::check_any_order(
      [&] { output = test::output_of<kernel, float>({.block = 64, .shared_bytes = 256}, 64); },
      [&] { return output == expected; });
}

TEST(Defect, AMissingBarrierShowsInSomeOrder) {
  try_any_order<neighbour>();
  EXPECT_THROW(try_any_order<neighbour_without_barrier>(), Error);
}

__global__ void write_in_turn(float* output) {
  // Both threads of a pair write the same element: the last one wins.
  output[threadIdx.x / 2] = static_cast<float>(threadIdx.x % 2);
}

TEST(Defect, AResultThatDependsOnTheOrderDiffersBetweenSeeds) {
  std::vector<float> output;
  EXPECT_THROW(emulator::check_any_order(
                   [&] { output = test::output_of<write_in_turn, float>({.block = 64}, 64); },
                   [&] { return output == std::vector<float>(output.size(), output[0]); }),
               Error);
}

TEST(Defect, TheSameSeedIsTheSameOrder) {
  const auto once = [] { return test::output_of<write_in_turn, float>({.block = 256}, 128); };
  EXPECT_EQ(once(), once());
}

__global__ void forgets_to_write(float* output) {
  float* shared = shared_memory<float>();
  if (threadIdx.x != 7) shared[threadIdx.x] = 1;
  __syncthreads();
  output[0] = shared[7];
}

TEST(Defect, ReadingSharedMemoryNeverWritten) {
  if (emulator::checks_kernels) {
    expect_parts(message_of<forgets_to_write>({.block = 32, .shared_bytes = 128}),
                 {"kernel forgets_to_write, block (0,0,0), thread (",
                  "reads 4 bytes, at byte 28 of the 128 bytes of shared memory, that no thread has "
                  "written (defects_test.cu:"});
    return;
  }
  EXPECT_TRUE(std::isnan(
      test::output_of<forgets_to_write, float>({.block = 32, .shared_bytes = 128}, 1)[0]));
}

__global__ void forgets_to_wait(float* output, const float* input) {
  float* shared = shared_memory<float>();
  __pipeline_memcpy_async(&shared[4 * threadIdx.x], input + 4 * threadIdx.x, 16);
  __pipeline_commit();
  output[threadIdx.x] = shared[4 * threadIdx.x];
}

TEST(Defect, AnAsyncCopyThatNobodyWaitsForHasNotArrived) {
  const Cuda cuda = cuda_context(0);
  test::Array input(cuda, std::vector<float>(128, 1));
  const auto run = [&] {
    return test::output_of<forgets_to_wait, float>({.block = 32, .shared_bytes = 512}, 32,
                                                   static_cast<const float*>(input.data()));
  };
  if (emulator::checks_kernels) {
    EXPECT_THROW(run(), Error);
  } else {
    EXPECT_TRUE(std::isnan(run()[0]));
  }
}

struct Shared {
  float values[100];
};

__global__ void uses_more_than_asked(float* output) {
  output[0] = shared_memory<Shared>()->values[1];
}

TEST(Defect, ALaunchWithLessSharedMemoryThanTheKernelUses) {
  expect_parts(message_of<uses_more_than_asked>({.shared_bytes = 396}),
               {"kernel uses_more_than_asked, block (0,0,0), thread (0,0,0)", "uses 400 bytes",
                "launched with 396"});
}

__global__ void beyond_shared(float* output) {
  float* shared = shared_memory<float>();
  shared[threadIdx.x + 1] = 0;
  __syncthreads();
  output[threadIdx.x] = shared[threadIdx.x];
}

TEST(Defect, SharedMemoryOutOfBounds) {
  const std::string message = message_of<beyond_shared>({.block = 33, .shared_bytes = 132});
  if (emulator::checks_kernels) {
    expect_parts(message, {"kernel beyond_shared, block (0,0,0), thread (32,0,0): writes 4 bytes, "
                           "at byte 132 of the 132 bytes of shared memory (defects_test.cu:"});
  } else {
    expect_parts(message, {"kernel beyond_shared, block (0,0,0)", "wrote outside the block's"});
  }
}

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
                "defects_test.cu:", "the barrier is another block's"});
}

TEST(Defect, AStoreToAnotherBlockWithTheWrongBytesOrBarrier) {
  expect_parts(message_of_sends(32, true, true),
               {"kernel sends, block (1,0,0)", "polls memory that nobody writes"});
  expect_parts(message_of_sends(16, true, false),
               {"kernel sends, block (", "nobody has called mbarrier_init"});
}

__global__ void grid_barrier(float* output) {
  cg::this_grid().sync();
  output[0] = 1;
}

TEST(Defect, AGridBarrierInAnOrdinaryLaunch) {
  expect_parts(message_of<grid_barrier>({.block = 32}), {"needs a cooperative launch"});
}

__global__ void polls_forever(float* output) {
  while (atomicAdd(&output[threadIdx.x], 0.0f) == 0.0f) __nanosleep(10);
}

TEST(Defect, PollingWhatNobodyWrites) {
  expect_parts(message_of<polls_forever>({.block = 2}), {"polls memory that nobody writes"});
}

// What only a checked build finds: STROMA_SANITIZE with the GNU compiler.

template <auto kernel, class... Arguments>
void expect_found(const LaunchConfig& config, const std::vector<std::string>& parts,
                  Arguments... arguments) {
  if (!emulator::checks_kernels) GTEST_SKIP() << "only a checked build looks at each access";
  std::string message = "no error";
  try {
    test::output_of<kernel, float>(config, 33, arguments...);
  } catch (const Error& error) {
    message = error.what();
  }
  expect_parts(message, parts);
  expect_parts(message, {"kernel ", ", block (", ", thread (", "defects_test.cu:"});
}

__global__ void beyond_global(float* output, int count) {
  const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  if (static_cast<int>(i) <= count) output[i] = 1;
}

__global__ void straddles_the_end(float* output) {
  *reinterpret_cast<float4*>(output + 32) = make_float4(1, 2, 3, 4);
}

TEST(Checker, GlobalMemoryOutOfBounds) {
  expect_found<beyond_global>(
      {.grid = 2, .block = 32},
      {"block (1,0,0), thread (1,0,0): writes 4 bytes of memory that is not "
       "the device's, 0 bytes behind a device block of 132"},
      33);
  expect_found<straddles_the_end>({}, {"writes 16 bytes, at byte 128 of a device block of 132"});
}

__global__ void copy_one(float* output, const float* input) { output[threadIdx.x] = input[3]; }

TEST(Checker, GlobalMemoryNeverWritten) {
  const Cuda cuda = cuda_context(0);
  Workspace<float, Cuda> input(cuda, 8);
  expect_found<copy_one>({.block = 4},
                         {"reads 4 bytes, at byte 12 of a device block of 32, that nobody has"},
                         static_cast<const float*>(input.data()));
  zero_bytes(cuda, input.data(), 32);
  EXPECT_EQ((test::output_of<copy_one, float>({}, 1, static_cast<const float*>(input.data()))[0]),
            0);
}

TEST(Checker, GlobalMemoryThatWasFreed) {
  const Cuda cuda = cuda_context(0);
  const float* freed = nullptr;
  {
    test::Array input(cuda, std::vector<float>(8));
    freed = input.data();
  }
  expect_found<copy_one>({}, {"memory that is not the device's"}, freed);
}

TEST(Checker, MemoryOfTheHost) {
  const std::vector<float> input(8);
  expect_found<copy_one>({}, {"reads 4 bytes of memory that is not the device's"}, input.data());
}

__global__ void races_to_read(float* output) {
  float* shared = shared_memory<float>();
  shared[threadIdx.x] = 1;
  __syncwarp();
  output[0] = shared[threadIdx.x ^ 31];  // in the same warp: fine
  output[1] = shared[threadIdx.x ^ 32];  // in the other warp
}

__global__ void races_to_write(float* output) {
  float* shared = shared_memory<float>();
  shared[threadIdx.x] = 1;
  __syncthreads();
  const float other = shared[(threadIdx.x + 1) % 64];
  shared[threadIdx.x] = other + 1;  // which its neighbour may not have read yet
  output[threadIdx.x % 32] = shared[threadIdx.x];
}

__global__ void races_across_cluster(float* output) {
  float* shared = shared_memory<float>();
  const auto cluster = cg::this_cluster();
  shared[0] = 0;
  cluster.sync();
  if (cluster.block_rank() == 0) shared[0] = 1;
  __syncthreads();  // which only the threads of one block meet at
  output[cluster.block_rank()] = *cluster.map_shared_rank(&shared[0], 0);
  cluster.sync();
}

TEST(Checker, RacesInSharedMemory) {
  // Whoever comes second is accused: the reader, or the writer.
  const std::vector<std::string> parts{"of the shared memory, which thread (",
                                       "with no barrier in between", "; the other at"};
  for (unsigned seed = 0; seed < 8; ++seed) {
    emulator::set_order_seed(seed);
    expect_found<races_to_read>({.block = 64, .shared_bytes = 256}, {});
    expect_found<races_to_write>({.block = 64, .shared_bytes = 256}, parts);
    expect_found<races_across_cluster>({.grid = 2, .shared_bytes = 4, .cluster = 2}, parts);
  }
  emulator::set_order_seed(1);
}

TEST(Defect, TheDeviceWorksAfterEachOfThem) {
  message_of<early_return>({.block = 64});
  try_any_order<neighbour>();
}

TEST(Device, MemoryThatIsAllTakenIsToldInOneSentence) {
  const Cuda cuda = cuda_context(0);
  std::size_t free = 0, total = 0;
  check(cudaMemGetInfo(&free, &total), "cudaMemGetInfo");
  emulator::limit_memory(emulator::memory_in_use() + (8 << 20));
  void* block = allocate(cuda, 5 << 20);
  std::string message;
  try {
    allocate(cuda, 4 << 20);
  } catch (const Error& error) {
    message = error.what();
  }
  emulator::limit_memory(total);
  release(cuda, block, 5 << 20);
  expect_parts(message, {"out of memory on cuda:0: 4 MiB were asked for, 3 MiB of"});
}

}  // namespace
}  // namespace stroma::kernels

#endif
