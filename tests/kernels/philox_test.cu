// That the GPU draws the same random numbers as the CPU.
#include <gtest/gtest.h>

#include <vector>

#include "kernels/cuda/elements.h"
#include "kernels/philox.h"
#include "tests/devices.h"

namespace stroma {
namespace {

constexpr uint64_t seed = 0x123456789abcdef;
constexpr uint32_t stream = 77;
constexpr uint64_t first_block = 0xfffffff0;  // the blocks' numbers pass 2^32

struct WriteBlock {
  uint32_t* words;  // [steps, blocks, 4]
  float* uniform;   // [steps, blocks, 4]
  int64_t blocks;

  __device__ void operator()(int64_t i) const {
    const PhiloxWords drawn = random_block(seed, stream, static_cast<uint32_t>(i / blocks),
                                           first_block + static_cast<uint64_t>(i % blocks));
    for (int k = 0; k < 4; ++k) {
      words[i * 4 + k] = drawn.word[k];
      uniform[i * 4 + k] = uniform_from_word(drawn.word[k]);
    }
  }
};

TEST(Philox, DeviceDrawsTheBitsOfTheHost) {
  const Cuda cuda = cuda_context(0);
  const int64_t blocks = 101, steps = 7, count = blocks * steps;
  test::Array words(cuda, std::vector<uint32_t>(count * 4));
  test::Array uniform(cuda, std::vector<float>(count * 4));
  kernels::for_each_element(cuda, count, WriteBlock{words.data(), uniform.data(), blocks});
  const std::vector<uint32_t> drawn = words.host();
  const std::vector<float> numbers = uniform.host();
  for (int64_t i = 0; i < count; ++i) {
    const PhiloxWords expected = random_block(seed, stream, static_cast<uint32_t>(i / blocks),
                                              first_block + static_cast<uint64_t>(i % blocks));
    for (int k = 0; k < 4; ++k) {
      ASSERT_EQ(drawn[i * 4 + k], expected.word[k]);
      ASSERT_EQ(numbers[i * 4 + k], uniform_from_word(expected.word[k]));
    }
  }
}

}  // namespace
}  // namespace stroma
