// Warps, tiles, blocks, clusters and grids: what CUDA's guide says of each operation.
#include <algorithm>

#include "tests/emulator/device.h"

namespace stroma::kernels {
namespace {

constexpr int operations = 12;

/// Each thread writes [operations] results of operations within its tile of Size lanes.
template <unsigned Size>
__global__ void tile_operations(int* output) {
  const auto tile = cg::tiled_partition<Size>(cg::this_thread_block());
  const int value = static_cast<int>(threadIdx.x * 7 % 64);
  int* result = output + threadIdx.x * operations;
  result[0] = tile.shfl(value, Size / 2);
  result[1] = tile.shfl_up(value, 1);
  result[2] = tile.shfl_down(value, 2);
  result[3] = tile.shfl_xor(value, Size / 2);
  result[4] = static_cast<int>(tile.ballot(value > 30));
  result[5] = tile.any(value == 0);
  result[6] = tile.all(value < 60);
  result[7] = cg::reduce(tile, value, cg::plus<int>());
  result[8] = cg::reduce(tile, value, cg::greater<int>());
  result[9] = cg::inclusive_scan(tile, value, cg::plus<int>());
  result[10] = cg::exclusive_scan(tile, value);
  result[11] = static_cast<int>(tile.meta_group_rank() * 100 + tile.thread_rank());
}

template <unsigned Size>
void check_tiles() {
  constexpr int threads = 96, size = static_cast<int>(Size);
  const auto output =
      test::output_of<tile_operations<Size>, int>({.block = threads}, threads * operations);
  const auto value = [](int thread) { return thread * 7 % 64; };
  for (int t = 0; t < threads; ++t) {
    SCOPED_TRACE(testing::Message() << "tiles of " << size << ", thread " << t);
    const int first = t / size * size, rank = t % size;
    const int* result = &output[t * operations];
    int ballot = 0, sum = 0, before = 0, largest = 0;
    bool any = false, all = true;
    for (int lane = 0; lane < size; ++lane) {
      const int v = value(first + lane);
      ballot |= (v > 30) << lane;
      any = any || v == 0;
      all = all && v < 60;
      sum += v;
      if (lane < rank) before += v;
      largest = std::max(largest, v);
    }
    ASSERT_EQ(result[0], value(first + size / 2 % size));
    ASSERT_EQ(result[1], rank == 0 ? value(t) : value(t - 1));
    ASSERT_EQ(result[2], rank + 2 < size ? value(t + 2) : value(t));
    ASSERT_EQ(result[3], value(first + (rank ^ (size / 2)) % size));
    ASSERT_EQ(result[4], ballot);
    ASSERT_EQ(result[5] != 0, any);
    ASSERT_EQ(result[6] != 0, all);
    ASSERT_EQ(result[7], sum);
    ASSERT_EQ(result[8], largest);
    ASSERT_EQ(result[9], before + value(t));
    ASSERT_EQ(result[10], before);
    ASSERT_EQ(result[11], t / size * 100 + rank);
  }
}

TEST(Tile, OperationsFollowTheGuideForEverySize) {
  check_tiles<2>();
  check_tiles<4>();
  check_tiles<8>();
  check_tiles<16>();
  check_tiles<32>();
}

__global__ void intrinsics(unsigned* output) {
  const unsigned lane = threadIdx.x % 32;
  unsigned* result = output + threadIdx.x * 10;
  constexpr unsigned all = 0xffffffffu;
  result[0] = __shfl_sync(all, lane * 3, static_cast<int>(lane) + 5, 8);
  result[1] = __shfl_up_sync(all, lane, 3, 16);
  result[2] = __shfl_down_sync(all, lane, 30);
  result[3] = __shfl_xor_sync(all, lane, 21);
  result[4] = __match_any_sync(all, lane % 5);
  int same = 0;
  result[5] = __match_all_sync(all, lane / 32, &same) + static_cast<unsigned>(same);
  result[6] = __reduce_add_sync(all, lane);
  result[7] = __reduce_max_sync(all, lane ^ 9u) * 100 + __reduce_min_sync(all, lane + 2);
  result[8] = __reduce_xor_sync(all, lane * 3);
  // Half of the warp at a time.
  if (lane < 16) {
    result[9] = __ballot_sync(0xffffu, lane % 3 == 0);
  } else {
    result[9] = static_cast<unsigned>(__any_sync(0xffff0000u, lane == 20));
  }
  __syncwarp();
}

TEST(Warp, IntrinsicsFollowTheGuide) {
  const auto output = test::output_of<intrinsics, unsigned>({.block = 64}, 640);
  for (unsigned t = 0; t < 64; ++t) {
    SCOPED_TRACE(t);
    const unsigned lane = t % 32;
    const unsigned* result = &output[t * 10];
    unsigned match = 0, folded = 0;
    for (unsigned other = 0; other < 32; ++other) {
      if (other % 5 == lane % 5) match |= 1u << other;
      folded ^= other * 3;
    }
    ASSERT_EQ(result[0], (lane / 8 * 8 + (lane + 5) % 8) * 3);
    ASSERT_EQ(result[1], lane % 16 < 3 ? lane : lane - 3);
    ASSERT_EQ(result[2], lane + 30 < 32 ? lane + 30 : lane);
    ASSERT_EQ(result[3], lane ^ 21u);
    ASSERT_EQ(result[4], match);
    ASSERT_EQ(result[5], 0xffffffffu + 1);
    ASSERT_EQ(result[6], 496u);
    ASSERT_EQ(result[7], 3102u);
    ASSERT_EQ(result[8], folded);
    ASSERT_EQ(result[9], lane < 16 ? 0x9249u : 1u);
  }
}

__global__ void split_barrier(int* output) {
  int* shared = shared_memory<int>();
  const auto block = cg::this_thread_block();
  const unsigned rank = block.thread_rank();
  for (int round = 0; round < 3; ++round) {
    shared[rank] = static_cast<int>(rank) + round;
    auto token = block.barrier_arrive();
    const int own = static_cast<int>(rank) * 2;  // work that needs no other thread
    block.barrier_wait(std::move(token));
    output[rank] += own + shared[(rank + 1) % block.num_threads()];
    block.sync();
  }
}

TEST(Block, BarriersAlsoInTwoHalves) {
  const auto output = test::output_of<split_barrier, int>({.block = 77, .shared_bytes = 308}, 77);
  for (int t = 0; t < 77; ++t) ASSERT_EQ(output[t], 3 * (2 * t + (t + 1) % 77) + 3);
}

/// Each block of a cluster adds its rank to all others' shared memory, through all of them.
__global__ void share_in_cluster(int* output) {
  int* shared = shared_memory<int>();
  const cg::cluster_group cluster = cg::this_cluster();
  const unsigned blocks = cluster.num_blocks(), rank = cluster.block_rank();
  shared[threadIdx.x] = static_cast<int>(rank * 1000 + threadIdx.x);
  cluster.sync();
  int sum = 0;
  for (unsigned other = 0; other < blocks; ++other) {
    sum += cluster.map_shared_rank(shared, static_cast<int>(other))[threadIdx.x];
  }
  cluster.barrier_arrive();
  output[blockIdx.x * blockDim.x + threadIdx.x] = sum;
  cluster.barrier_wait();
}

TEST(Cluster, BlocksReadEachOthersSharedMemory) {
  if (resident_blocks<share_in_cluster>({.block = 32, .shared_bytes = 128, .cluster = 2}) == 0) {
    GTEST_SKIP() << "this GPU has no clusters";
  }
  for (const unsigned cluster : {1u, 2u, 4u, 8u}) {
    const auto output = test::output_of<share_in_cluster, int>(
        {.grid = 16, .block = 32, .shared_bytes = 128, .cluster = cluster}, 512);
    const int c = static_cast<int>(cluster);
    for (int i = 0; i < 512; ++i) ASSERT_EQ(output[i], 1000 * c * (c - 1) / 2 + c * (i % 32));
  }
}

__global__ void pass_around_grid(int* output) {
  const cg::grid_group grid = cg::this_grid();
  const auto count = static_cast<unsigned>(grid.num_threads());
  const auto rank = static_cast<unsigned>(grid.thread_rank());
  output[rank] = static_cast<int>(rank);
  for (unsigned step = 1; step <= 3; ++step) {
    grid.sync();
    const int from = output[(rank + step) % count];
    grid.sync();
    output[rank] = from;
  }
}

TEST(Grid, AllThreadsMeetInACooperativeLaunch) {
  const auto output =
      test::output_of<pass_around_grid, int>({.grid = 9, .block = 40, .cooperative = true}, 360);
  for (int i = 0; i < 360; ++i) ASSERT_EQ(output[i], (i + 1 + 2 + 3) % 360);
}

__global__ void last_block_sums(int* output) {
  __threadfence();
  bool* last = shared_memory<bool>();
  if (threadIdx.x == 0) {
    output[1 + blockIdx.x] = static_cast<int>(blockIdx.x);
    __threadfence();
    *last = atomicAdd(&output[0], 1) == static_cast<int>(gridDim.x) - 1;
  }
  __syncthreads();
  if (*last && threadIdx.x == 0) {
    int sum = 0;
    for (unsigned b = 0; b < gridDim.x; ++b) sum += output[1 + b];
    output[1 + gridDim.x] = sum;
  }
}

TEST(Grid, TheLastBlockSeesWhatAllWrote) {
  const auto output =
      test::output_of<last_block_sums, int>({.grid = 200, .block = 64, .shared_bytes = 16}, 202);
  EXPECT_EQ(output[201], 199 * 200 / 2);
}

/// Thread 0 waits for memory that another thread writes.
__global__ void wait_for_flag(int* output) {
  if (threadIdx.x == 0) {
    while (atomicAdd(&output[0], 0) == 0) __nanosleep(100);
    output[1] = 1;
  } else if (threadIdx.x == 40) {
    atomicExch(&output[0], 1);
  }
}

TEST(Block, APollingLoopLetsOthersRun) {
  EXPECT_EQ((test::output_of<wait_for_flag, int>({.block = 64}, 2)), (std::vector<int>{1, 1}));
}

__global__ void copy_in_background(float* output, const float* input) {
  float4* tile = shared_memory<float4>();
  const unsigned i = threadIdx.x;
  __pipeline_memcpy_async(&tile[i], input + 4 * i, 16);
  __pipeline_commit();
  __pipeline_memcpy_async(&tile[i + 32], input + 4 * i, 16, 8);
  __pipeline_commit();
  __pipeline_wait_prior(1);
  output[i] = tile[i].w;
  __pipeline_wait_prior(0);
  output[32 + i] = tile[i + 32].y * 1000 + tile[i + 32].z;
}

TEST(AsyncCopy, ArrivesWhenWaitedForAndFillsWithZeros) {
  const Cuda cuda = cuda_context(0);
  std::vector<float> values(128);
  for (int i = 0; i < 128; ++i) values[i] = static_cast<float>(i);
  test::Array input(cuda, values);
  const auto output = test::output_of<copy_in_background, float>(
      {.block = 32, .shared_bytes = 1024}, 64, static_cast<const float*>(input.data()));
  for (int i = 0; i < 32; ++i) {
    ASSERT_EQ(output[i], 4 * i + 3);
    ASSERT_EQ(output[32 + i], (4 * i + 1) * 1000);
  }
}

}  // namespace
}  // namespace stroma::kernels
