// Device functions that C++ does not have, and atomics.
#include <cmath>

#include "tests/emulator/device.h"

namespace stroma::kernels {
namespace {

__global__ void bits(unsigned long long* r) {
  r[0] = __popc(0xf0f00001u);
  r[1] = __popcll(0xf0f0000100000003ull);
  r[2] = __clz(0x00010000);
  r[3] = __clzll(1);
  r[4] = __ffs(0x50) * 100 + __ffs(0);
  r[5] = __brev(0x00000013u);
  r[6] = __brevll(0x13ull);
  r[7] = __umulhi(0xdeadbeefu, 0x12345678u);
  r[8] = __funnelshift_l(0x89abcdefu, 0x01234567u, 12);
  r[9] = __funnelshift_r(0x89abcdefu, 0x01234567u, 12);
  r[10] = __float_as_uint(-1.5f);
  r[11] = static_cast<unsigned long long>(min(3u, 5u) + max(3, 7) * 10);
  r[12] = static_cast<unsigned long long>(__float2int_rn(2.5f) * 10 + __float2int_rd(-0.5f) + 1);
}

TEST(Arithmetic, OfBits) {
  const auto r = test::output_of<bits, unsigned long long>({}, 13);
  EXPECT_EQ(r[0], 9u);
  EXPECT_EQ(r[1], 11u);
  EXPECT_EQ(r[2], 15u);
  EXPECT_EQ(r[3], 63u);
  EXPECT_EQ(r[4], 500u);
  EXPECT_EQ(r[5], 0xc8000000u);
  EXPECT_EQ(r[6], 0xc800000000000000u);
  EXPECT_EQ(r[7], 0xdeadbeefull * 0x12345678ull >> 32);
  EXPECT_EQ(r[8], 0x3456789au);
  EXPECT_EQ(r[9], 0x56789abcu);
  EXPECT_EQ(r[10], 0xbfc00000u);
  EXPECT_EQ(r[11], 73u);
  EXPECT_EQ(r[12], 20u);
}

__global__ void approximations(float* r, const float* constant, float x, float y) {
  r[0] = __expf(x);
  r[1] = __logf(y);
  r[2] = rsqrtf(y);
  r[3] = __fdividef(x, y);
  r[4] = fmaf(x, y, 1.0f);
  r[5] = fminf(x, NAN) + fmaxf(y, NAN);
  r[6] = __saturatef(y) + __saturatef(-y) + __saturatef(0.25f);
  r[7] = __ldg(constant);
  r[8] = tanhf(x);
  r[9] = __int_as_float(__float_as_int(y));
}

TEST(Arithmetic, OfFloats) {
  const float x = 1.25f, y = 3.5f;
  test::Array constant(cuda_context(0), std::vector{0.75f});
  const auto r = test::output_of<approximations, float>({}, 10, constant.data(), x, y);
  const auto near = [](float value, double expected) {
    EXPECT_NEAR(value, expected, 4e-7 * std::abs(expected));  // 3 units in the last place
  };
  near(r[0], std::exp(1.25));
  near(r[1], std::log(3.5));
  near(r[2], 1 / std::sqrt(3.5));
  near(r[3], 1.25 / 3.5);
  near(r[4], 1.25 * 3.5 + 1);
  EXPECT_EQ(r[5], x + y);
  EXPECT_EQ(r[6], 1.25f);
  EXPECT_EQ(r[7], 0.75f);
  near(r[8], std::tanh(1.25));
  EXPECT_EQ(r[9], y);
}

/// There and back again, for half and bfloat16.
__global__ void round_trip(float* output, const float* input, int count) {
  for (int i = 0; i < count; ++i) {
    output[2 * i] = __half2float(__float2half(input[i]));
    output[2 * i + 1] = __bfloat162float(__float2bfloat16(input[i]));
  }
}

TEST(Arithmetic, HalvesRoundToNearestEven) {
  const Cuda cuda = cuda_context(0);
  const std::vector<float> values{0,        -1,      1.0f / 3, 65504,       65519.9f,
                                  65520,    6.1e-5f, 5.96e-8f, 2.9e-8f,     1e-9f,
                                  INFINITY, 2049,    2051,     1 + 0x1p-8f, 1 + 0x3p-8f};
  // The least half is 2⁻²⁴, the largest 65504.
  const std::vector<float> halves{
      0, -1, 1365 * 0x1p-12f, 65504, 65504, INFINITY,    1023 * 0x1p-24f, 0x1p-24f,
      0, 0,  INFINITY,        2048,  2052,  1 + 0x1p-8f, 1 + 0x3p-8f};
  test::Array input(cuda, values);
  const int count = static_cast<int>(values.size());
  const auto output = test::output_of<round_trip, float>(
      {}, 2 * count, static_cast<const float*>(input.data()), count);
  for (int i = 0; i < count; ++i) {
    EXPECT_EQ(output[2 * i], halves[i]) << values[i];
  }
  EXPECT_EQ(output[2 * 13 + 1], 1.0f);       // 1 + 2⁻⁸: a tie, to even
  EXPECT_EQ(output[2 * 14 + 1], 1.015625f);  // 1 + 3 · 2⁻⁸: a tie, to even
}

__global__ void atomics(int* output, float* sum, unsigned* wrapped) {
  atomicAdd(&output[0], 2);
  atomicMax(&output[1], static_cast<int>(threadIdx.x));
  atomicMin(&output[2], -static_cast<int>(threadIdx.x));
  atomicOr(&output[3], 1 << threadIdx.x % 8);
  atomicXor(&output[4], 1);
  atomicAdd(sum, 0.5f);
  atomicInc(wrapped, 9);
  for (int seen = output[5];;) {  // add by compare-and-swap
    const int before = atomicCAS(&output[5], seen, seen + 3);
    if (before == seen) break;
    seen = before;
  }
}

TEST(Atomics, LoseNothing) {
  const Cuda cuda = cuda_context(0);
  test::Array sum(cuda, std::vector<float>(1));
  test::Array wrapped(cuda, std::vector<unsigned>(1));
  const auto output =
      test::output_of<atomics, int>({.grid = 50, .block = 96}, 6, sum.data(), wrapped.data());
  EXPECT_EQ(output, (std::vector<int>{9600, 95, -95, 255, 0, 14400}));
  EXPECT_EQ(sum.host()[0], 2400.0f);
  EXPECT_EQ(wrapped.host()[0], 0u);
}

}  // namespace
}  // namespace stroma::kernels
