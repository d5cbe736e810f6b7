// Kernels with a planted defect each: the emulator must find it, and name kernel, block and thread.
#include "tests/emulator/defects.h"

#if STROMA_EMULATED

#include <cmath>
#include <string>

#include "tests/emulator/memory_left.h"

namespace stroma::kernels {
namespace {

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

TEST(Defect, TheDeviceWorksAfterEachOfThem) {
  message_of<early_return>({.block = 64});
  try_any_order<neighbour>();
}

TEST(Device, MemoryThatIsAllTakenIsToldInOneSentence) {
  const Cuda cuda = cuda_context(0);
  const test::MemoryLeft left(8 << 20);
  const Workspace<uint8_t, Cuda> block(cuda, 5 << 20);
  std::string message;
  try {
    allocate(cuda, 4 << 20);
  } catch (const Error& error) {
    message = error.what();
  }
  expect_parts(message, {"out of memory on cuda:0: 4 MiB were asked for, 3 MiB of"});
}

}  // namespace
}  // namespace stroma::kernels

#endif
