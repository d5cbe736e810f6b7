// Factors are the nearest number of so many significant bits.
#include <bit>
#include <cmath>
#include <limits>
#include <random>

#include "kernels/cuda/rounding.h"
#include "tests/emulator/device.h"

namespace stroma::kernels {
namespace {

template <Precision precision>
__global__ void round_kernel(float* output, const float* input, int count) {
  const int i = static_cast<int>(threadIdx.x);
  if (i < count) output[i] = round_factor<precision>(input[i]);
}

template <Precision precision>
std::vector<float> rounded(const std::vector<float>& values) {
  const Cuda cuda = cuda_context(0);
  test::Array input(cuda, values);
  const auto count = static_cast<int>(values.size());
  return test::output_of<round_kernel<precision>, float>(
      {.block = 1024}, count, static_cast<const float*>(input.data()), count);
}

/// The nearest number of `bits` significant bits, in float64, ties to the larger or the even one.
double nearest(double x, int bits, bool ties_to_even) {
  int exponent = 0;
  const double scaled = std::ldexp(std::frexp(x, &exponent), bits);
  return std::ldexp(ties_to_even ? std::nearbyint(scaled) : std::round(scaled), exponent - bits);
}

TEST(RoundFactor, GivesTheNearestNumber) {
  std::mt19937 random(5);
  std::uniform_real_distribution<float> uniform(-1, 1);
  std::vector<float> values = {0,          1,          -1,        3e38f,     1e-30f,
                               0x1.001p0f, 0x1.003p0f, 0x1.01p0f, -0x1.03p0f};
  while (values.size() < 1000) values.push_back(std::ldexp(uniform(random), random() % 60));
  EXPECT_EQ(rounded<Precision::fp32>(values), values);
  const auto tf32 = rounded<Precision::tf32>(values), bf16 = rounded<Precision::bf16>(values);
  for (std::size_t i = 0; i < values.size(); ++i) {
    ASSERT_EQ(tf32[i], nearest(values[i], 11, false)) << values[i];
    ASSERT_EQ(bf16[i], nearest(values[i], 8, true)) << values[i];
  }
}

TEST(RoundFactor, LeavesWhatIsNotFinite) {
  const float infinity = std::numeric_limits<float>::infinity();
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> values = {infinity, -infinity, nan, std::bit_cast<float>(0x7fffffff)};
  for (const auto& result : {rounded<Precision::tf32>(values), rounded<Precision::bf16>(values)}) {
    EXPECT_EQ(result[0], infinity);
    EXPECT_EQ(result[1], -infinity);
    EXPECT_TRUE(std::isnan(result[2]));
    EXPECT_TRUE(std::isnan(result[3]));
  }
}

}  // namespace
}  // namespace stroma::kernels
