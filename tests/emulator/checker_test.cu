// Planted defects that only a checked build finds: STROMA_SANITIZE with the GNU compiler.
#include "tests/emulator/defects.h"

#if STROMA_EMULATED

namespace stroma::kernels {
namespace {

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
  expect_parts(message, {"kernel ", ", block (", ", thread (", "checker_test.cu:"});
}

__global__ void beyond_global(float* output, int count) {
  const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  if (static_cast<int>(i) <= count) output[i] = 1;
}

__global__ void straddles_the_end(float* output) {
  *reinterpret_cast<double*>(output + 32) = 1;  // one store with every compiler, unlike a float4
}

TEST(Checker, GlobalMemoryOutOfBounds) {
  expect_found<beyond_global>(
      {.grid = 2, .block = 32},
      {"block (1,0,0), thread (1,0,0): writes 4 bytes of memory that is not "
       "the device's, 0 bytes behind a device block of 132"},
      33);
  expect_found<straddles_the_end>({}, {"writes 8 bytes, at byte 128 of a device block of 132"});
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

}  // namespace
}  // namespace stroma::kernels

#endif
