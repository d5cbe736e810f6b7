// Blocks that hand numbers around a cluster for many steps, each from what it got the step before:
// whole numbers, so that the results are known exactly.
#include "kernels/cuda/cluster_exchange.cuh"
#include "tests/emulator/device.h"

namespace stroma::kernels {
namespace {

constexpr int threads = 64, steps = 9;

/// What thread t of block `rank` has after a step, of what thread t of the block before it had.
__host__ __device__ float next_value(float before, int rank) {
  return before * 2 - static_cast<float>(rank);
}

/// At every step each thread sends its number to all blocks, four threads' in one store, and goes
/// on with that of the block before its own. shared: the exchange's; [2, blocks, threads].
__global__ void hand_around(float* output) {
  const cg::cluster_group cluster = cg::this_cluster();
  const auto blocks = static_cast<int>(cluster.num_blocks());
  const auto rank = static_cast<int>(cluster.block_rank());
  float* received = shared_memory<float>() + ClusterExchange::floats;
  const ClusterExchange exchange(cluster, blocks * threads * sizeof(float));
  const auto t = static_cast<int>(threadIdx.x);
  auto value = static_cast<float>(rank * threads + t);
  for (int step = 0; step < steps; ++step) {
    float four[4];
    gather_four<1>(value, four);
    float* here = received + (step % 2 * blocks + rank) * threads + t / 4 * 4;
    for (int first = 0; first < blocks; first += 4) {
      const int block = first + rank_of_four<1>();
      if (block < blocks) exchange.send(step, cluster, block, here, four);
    }
    exchange.wait(step);
    const int before = (rank + blocks - 1) % blocks;
    value = next_value(received[(step % 2 * blocks + before) * threads + t], rank);
  }
  output[blockIdx.x * threads + t] = value;
}

std::vector<float> expected(int blocks) {
  std::vector<float> values(static_cast<std::size_t>(blocks) * threads), next = values;
  for (int i = 0; i < blocks * threads; ++i) values[i] = static_cast<float>(i);
  for (int step = 0; step < steps; ++step) {
    for (int i = 0; i < blocks * threads; ++i) {
      const int rank = i / threads, before = (rank + blocks - 1) % blocks;
      next[i] = next_value(values[before * threads + i % threads], rank);
    }
    values.swap(next);
  }
  return values;
}

TEST(ClusterExchange, HandsNumbersAroundAClusterOfAnySize) {
  for (const int blocks : {1, 2, 4, 8}) {
    SCOPED_TRACE(testing::Message() << blocks << " blocks");
    const LaunchConfig config{
        .grid = static_cast<unsigned>(blocks),
        .block = threads,
        .shared_bytes = sizeof(float) * (ClusterExchange::floats + 2 * blocks * threads),
        .cluster = static_cast<unsigned>(blocks)};
    if (resident_blocks<hand_around>(config) == 0) continue;  // a chip without clusters
    const auto run = [&] { return test::output_of<hand_around, float>(config, blocks * threads); };
    EXPECT_EQ(run(), expected(blocks));
#if STROMA_EMULATED
    std::vector<float> output;
    emulator::check_any_order([&] { output = run(); }, [&] { return output == expected(blocks); });
#endif
  }
}

template <int distance>
__global__ void four_by_four(float* output) {
  const int lane = threadIdx.x % 32;
  float values[4];
  for (int j = 0; j < 4; ++j) values[j] = static_cast<float>(lane * 4 + j);
  transpose_four<distance>(values);
  for (int j = 0; j < 4; ++j) output[lane * 4 + j] = values[j];
}

template <int distance>
void check_transposed() {
  const auto output = test::output_of<four_by_four<distance>, float>({.block = 32}, 128);
  for (int lane = 0; lane < 32; ++lane) {
    const int own = lane / distance % 4, first = lane - own * distance;
    for (int j = 0; j < 4; ++j) {
      ASSERT_EQ(output[lane * 4 + j], static_cast<float>((first + j * distance) * 4 + own));
    }
  }
}

TEST(TransposeFour, SwapsLanesAndValuesAtEveryDistance) {
  check_transposed<1>();
  check_transposed<2>();
  check_transposed<4>();
  check_transposed<8>();
}

}  // namespace
}  // namespace stroma::kernels
