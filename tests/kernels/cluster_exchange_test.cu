// Blocks that hand numbers around a cluster for many steps, each from what it got the step before:
// whole numbers, so that the results are known exactly.
#include "kernels/cuda/cluster_exchange.cuh"
#include "tests/emulator/device.h"

namespace stroma::kernels {
namespace {

constexpr int threads = 64;
#if STROMA_EMULATED
constexpr int many_clusters = 3, many_steps = 30;
#else
constexpr int many_clusters = 100, many_steps = 1000;
#endif

/// What thread t of block `rank` has after a step, of what thread t of the block before it had:
/// below 2^24, whatever the number of steps.
__host__ __device__ float next_value(float before, int rank) {
  const int next = (static_cast<int>(before) * 3 + rank) % 65521;
  return static_cast<float>(next);
}

/// At every step each thread has a number for the block after its own. `all_send`: each warp sends
/// its own threads' to all blocks; else the first warp sends everybody's, after the block has met.
/// Warps of different blocks dawdle at different steps. shared: the exchange's; what has come,
/// [2, blocks, threads]; what is to be sent, [2, threads].
template <bool all_send>
__global__ void hand_around(float* output, int steps) {
  const cg::cluster_group cluster = cg::this_cluster();
  const auto blocks = static_cast<int>(cluster.num_blocks());
  const auto rank = static_cast<int>(cluster.block_rank());
  const auto t = static_cast<int>(threadIdx.x);
  float* received = shared_memory<float>() + ClusterExchange::floats;
  float* outgoing = received + 2 * blocks * threads;
  const ClusterExchange exchange(cluster, blocks * threads * sizeof(float));
  auto value = static_cast<float>(rank * threads + t);
  for (int step = 0; step < steps; ++step) {
    if ((step * 7 + rank * 3 + t / 32) % 5 == 0) __nanosleep(500);
    if (all_send) {
      float four[4];
      gather_four<1>(value, four);
      for (int block = rank_of_four<1>(); block < blocks; block += 4) {
        float* here = received + rank * threads + t / 4 * 4;
        exchange.send(step, exchange.in_block(cluster, block, here), blocks * threads, four);
      }
    } else {
      float* mine = outgoing + step % 2 * threads;
      mine[t] = value;
      __syncthreads();
      for (int i = t; t < 32 && i < blocks * threads / 4; i += 32) {
        const int first = i % (threads / 4) * 4;
        const float four[4] = {mine[first], mine[first + 1], mine[first + 2], mine[first + 3]};
        float* here = received + rank * threads + first;
        exchange.send(step, exchange.in_block(cluster, i / (threads / 4), here), blocks * threads,
                      four);
      }
    }
    exchange.wait(step);
    const int before = (rank + blocks - 1) % blocks;
    value = next_value(received[(step % 2 * blocks + before) * threads + t], rank);
  }
  output[blockIdx.x * threads + t] = value;
}

/// What all threads have in the end, the same in each cluster.
std::vector<float> expected(int blocks, int clusters, int steps) {
  std::vector<float> values(static_cast<std::size_t>(blocks) * threads), next = values;
  for (int i = 0; i < blocks * threads; ++i) values[i] = static_cast<float>(i);
  for (int step = 0; step < steps; ++step) {
    for (int i = 0; i < blocks * threads; ++i) {
      const int rank = i / threads, before = (rank + blocks - 1) % blocks;
      next[i] = next_value(values[before * threads + i % threads], rank);
    }
    values.swap(next);
  }
  std::vector<float> all;
  for (int cluster = 0; cluster < clusters; ++cluster) {
    all.insert(all.end(), values.begin(), values.end());
  }
  return all;
}

template <bool all_send>
void check_hands_around() {
  for (const int blocks : {1, 2, 4, 8}) {
    SCOPED_TRACE(testing::Message() << blocks << " blocks");
    const auto run = [blocks](int clusters, int steps) {
      const LaunchConfig config{
          .grid = static_cast<unsigned>(blocks * clusters),
          .block = threads,
          .shared_bytes = sizeof(float) * (ClusterExchange::floats + 2 * (blocks + 1) * threads),
          .cluster = static_cast<unsigned>(blocks)};
      return test::output_of<hand_around<all_send>, float>(config, blocks * clusters * threads,
                                                           steps);
    };
    EXPECT_EQ(run(many_clusters, many_steps), expected(blocks, many_clusters, many_steps));
    for (const int steps : {1, 2, 3}) EXPECT_EQ(run(1, steps), expected(blocks, 1, steps));
#if STROMA_EMULATED
    std::vector<float> output;
    emulator::check_any_order([&] { output = run(1, 9); },
                              [&] { return output == expected(blocks, 1, 9); });
#endif
  }
}

/// Whether the device has clusters.
bool has_clusters() {
  return resident_blocks<hand_around<true>>(
             {.grid = 2, .block = threads, .shared_bytes = 4096, .cluster = 2}) > 0;
}

TEST(ClusterExchange, HandsNumbersAroundWhereAllWarpsSend) {
  if (!has_clusters()) GTEST_SKIP() << "the chip has no clusters";
  check_hands_around<true>();
}

TEST(ClusterExchange, HandsNumbersAroundWhereOneWarpSendsAfterAllHaveMet) {
  if (!has_clusters()) GTEST_SKIP() << "the chip has no clusters";
  check_hands_around<false>();
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
