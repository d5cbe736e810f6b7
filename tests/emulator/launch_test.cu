#include <cstdint>
#include <string>

#include "kernels/cuda/stream.h"
#include "kernels/size_class.h"
#include "tests/emulator/device.h"

namespace stroma::kernels {
namespace {

__global__ void write_position(int64_t* output) {
  const int64_t block = (int64_t{blockIdx.z} * gridDim.y + blockIdx.y) * gridDim.x + blockIdx.x;
  const int64_t thread =
      (int64_t{threadIdx.z} * blockDim.y + threadIdx.y) * blockDim.x + threadIdx.x;
  const int64_t i = block * blockDim.x * blockDim.y * blockDim.z + thread;
  output[i] += i + 1;
}

TEST(Launch, RunsEachThreadOnce) {
  for (const auto& [grid, block] : {std::pair<dim3, dim3>{1, 1},
                                    {7, 33},
                                    {dim3(3, 2, 5), dim3(4, 3, 2)},
                                    {dim3(1, 4, 1), dim3(16, 1, 64)},
                                    {100, 1024}}) {
    const int64_t count = int64_t{grid.x} * grid.y * grid.z * block.x * block.y * block.z;
    const auto output =
        test::output_of<write_position, int64_t>({.grid = grid, .block = block}, count);
    for (int64_t i = 0; i < count; ++i) ASSERT_EQ(output[i], i + 1);
  }
}

struct Wide {
  int value[4];
};

__global__ void write_arguments(int* output, Wide wide, const int small, float converted) {
  output[0] = wide.value[0] + wide.value[3];
  output[1] = small;
  output[2] = static_cast<int>(converted * 2);
}

TEST(Launch, PassesArgumentsByValueAndConvertsThem) {
  const auto output = test::output_of<write_arguments, int>({}, 3, Wide{{1, 2, 3, 4}}, 'a', 21);
  EXPECT_EQ(output, (std::vector<int>{5, 97, 42}));
}

template <int factor, class T>
__global__ void multiply(T* output) {
  output[threadIdx.x] += factor;
}

TEST(Launch, KnowsTheKernelsName) {
  EXPECT_EQ((kernel_name<write_position>()), "write_position");
  EXPECT_EQ((kernel_name<multiply<3, float>>().substr(0, 8)), "multiply");
}

__global__ void reverse(int* output) {
  int* shared = shared_memory<int>();
  shared[threadIdx.x] = static_cast<int>(threadIdx.x);
  __syncthreads();
  output[threadIdx.x] = shared[blockDim.x - 1 - threadIdx.x];
}

TEST(Launch, SharedMemoryReachesFromOneThreadToAnother) {
  for (const int bytes : {4000, most_shared_bytes()}) {
    const auto output = test::output_of<reverse, int>(
        {.block = 999, .shared_bytes = static_cast<std::size_t>(bytes)}, 999);
    for (int i = 0; i < 999; ++i) ASSERT_EQ(output[i], 998 - i);
  }
}

TEST(Launch, KnowsHowManyBlocksTheChipHolds) {
  const int largest = resident_blocks<reverse>({.block = 1024, .shared_bytes = 4096});
  const int smaller = resident_blocks<reverse>({.block = 128, .shared_bytes = 4096});
  EXPECT_GE(largest, 1);
  EXPECT_GE(smaller, largest);
  EXPECT_EQ(resident_blocks<reverse>({.block = 128, .shared_bytes = 1 << 20}), 0);
}

__global__ void count_up(int* output, int by) { output[threadIdx.x] += by; }

/// The message of the Error that f throws.
template <class F>
std::string error_of(F f) {
  try {
    f();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Launch, RefusesWhatTheChipCannotDo) {
  int* none = nullptr;
  const auto refused = [&](const LaunchConfig& config) {
    const std::string message = error_of([&] { launch<count_up>(config, none, 1); });
    EXPECT_NE(message.find("count_up"), std::string::npos) << message;
    EXPECT_NE(message.find("launch_test.cu:"), std::string::npos) << message;
  };
  refused({.block = 1025});
  refused({.block = dim3(1, 1, 65)});
  refused({.grid = dim3(1, 65536)});
  refused({.grid = 0});
  refused({.shared_bytes = 228 << 10});
  refused({.grid = 34, .cluster = 17});
  refused({.grid = 7, .cluster = 2});
  refused({.grid = 100000, .block = 1024, .cooperative = true});
}

TEST(Graph, ReplaysKernelsCopiesAndFills) {
  const Cuda cuda = cuda_context(0);
  test::Array a(cuda, std::vector<int>(64, 5)), b(cuda, std::vector<int>(64, 0));
  const Graph graph(cuda, [&] {
    launch<count_up>({.block = 64, .stream = cuda.stream}, a.data(), 2);
    copy_bytes(cuda, b.data(), a.data(), 64 * sizeof(int));
    launch<count_up>({.block = 64, .stream = cuda.stream}, b.data(), 100);
    zero_bytes(cuda, b.data(), 4);
  });
  EXPECT_EQ(graph.node_count(), 4);
  EXPECT_EQ(a.host()[7], 5) << "recording must not run anything";
  graph.launch(cuda);
  graph.launch(cuda);
  EXPECT_EQ(a.host()[7], 9);
  EXPECT_EQ(b.host()[7], 109);
  EXPECT_EQ(b.host()[0], 0);
}

TEST(Graph, KeepsTheMemoryItTook) {
  const Cuda cuda = cuda_context(0);
  test::Array sum(cuda, std::vector<int>(32, 0));
  const Graph graph(cuda, [&] {
    Workspace<int, Cuda> scratch(cuda, 32);
    zero_bytes(cuda, scratch.data(), 32 * sizeof(int));
    launch<count_up>({.block = 32, .stream = cuda.stream}, scratch.data(), 3);
    copy_bytes(cuda, sum.data(), scratch.data(), 32 * sizeof(int));
  });
  test::Array other(cuda, std::vector<int>(32, 77));
  graph.launch(cuda);
  EXPECT_EQ(sum.host(), std::vector<int>(32, 3));
  EXPECT_EQ(other.host(), std::vector<int>(32, 77)) << "a replay wrote into memory of others";
}

TEST(Graph, JoinsWorkOfASecondStream) {
  const Cuda cuda = cuda_context(0);
  const Stream second;
  const Cuda beside{cuda.index, second.get()};
  test::Array a(cuda, std::vector<int>(32, 0)), b(cuda, std::vector<int>(32, 0));
  Event fork, join;
  const Graph graph(cuda, [&] {
    fork.record(cuda);
    fork.delay(beside);
    launch<count_up>({.block = 32, .stream = beside.stream}, a.data(), 1);
    launch<count_up>({.block = 32, .stream = cuda.stream}, b.data(), 2);
    join.record(beside);
    join.delay(cuda);
  });
  graph.launch(cuda);
  EXPECT_EQ(a.host()[0], 1);
  EXPECT_EQ(b.host()[0], 2);
}

TEST(Graph, RefusesToWaitWhileRecording) {
  const Cuda cuda = cuda_context(0);
  test::Array a(cuda, std::vector<int>(32, 0));
  EXPECT_THROW(Graph(cuda, [&] { synchronize(cuda); }), Error);
  EXPECT_THROW(Graph(cuda, [&] { a.host(); }), Error);
  EXPECT_EQ(a.host()[0], 0) << "the stream works again after a failed recording";
}

TEST(Event, MeasuresTimeInAStream) {
  const Cuda cuda = cuda_context(0);
  Event start, end;
  start.record(cuda);
  end.record(cuda);
  EXPECT_GE(end.milliseconds_since(start), 0);
}

TEST(Device, IsRefusedByNameWhereThereIsNone) {
  const std::string message = error_of([] { cuda_context(cuda_device_count()); });
  EXPECT_NE(message.find("there is no cuda:"), std::string::npos) << message;
  EXPECT_THROW(cuda_context(-1), Error);
}

TEST(Memory, SaysWhatWasAskedForWhenThereIsNoMore) {
  const Cuda cuda = cuda_context(0);
  const std::string message = error_of([&] { allocate(cuda, std::size_t{1} << 50); });
  EXPECT_NE(message.find("1073741824 MiB were asked for"), std::string::npos) << message;
}

TEST(Memory, IsGivenOutAgainInTheSameStream) {
  if (!reuse_blocks) GTEST_SKIP() << "under AddressSanitizer each block is freed";
  const Cuda cuda = cuda_context(0);
  const Stream second;
  void* first = allocate(cuda, 12345);
  release(cuda, first, 12345);
  void* elsewhere = allocate({cuda.index, second.get()}, 12345);
  void* again = allocate(cuda, 12345);
  EXPECT_EQ(again, first);
  EXPECT_NE(elsewhere, first);
  release(cuda, again, 12345);
  release(cuda, elsewhere, 12345);
}

}  // namespace
}  // namespace stroma::kernels
