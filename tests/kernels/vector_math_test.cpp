#include "kernels/cpu/vector_math.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <vector>

namespace stroma::kernels::vector_math {
namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float nan = std::numeric_limits<float>::quiet_NaN();

/// Floats of both signs and every exponent, 2,048 significands each (the step is odd, so their low
/// bits vary), and a fine grid where the functions bend.
std::vector<float> floats_everywhere() {
  std::vector<float> values;
  for (uint32_t sign_and_exponent = 0; sign_and_exponent < 512; ++sign_and_exponent) {
    for (uint32_t i = 0; i < 2048; ++i) {
      const float x = std::bit_cast<float>((sign_and_exponent << 23) + i * 4095u);
      if (std::isfinite(x)) values.push_back(x);
    }
  }
  for (float x = -110; x < 110; x += 0.00037f) values.push_back(x);
  return values;
}

/// The distance to `exact` in units of the last place that a float of its size has; 0 if no float
/// is nearer.
double ulps(float value, double exact) {
  const auto rounded = static_cast<float>(exact);
  if (value == rounded) return 0;
  if (std::isinf(value) || std::isinf(rounded)) return infinity;
  const double unit = std::ldexp(1.0, std::max(std::ilogb(exact), -126) - 23);
  return std::abs(value - exact) / unit;
}

template <class Fast, class Exact>
double largest_error(Fast fast, Exact exact) {
  double largest = 0;
  for (const float x : floats_everywhere()) {
    const double error = ulps(fast(x), exact(static_cast<double>(x)));
    if (!(error <= largest)) largest = error;
  }
  return largest;
}

double exact_sigmoid(double x) {
  return x < 0 ? std::exp(x) / (1 + std::exp(x)) : 1 / (1 + std::exp(-x));
}

TEST(VectorMath, ErrorsStayUnderTheStatedBounds) {
  EXPECT_LE(
      largest_error([](float x) { return fast_exp(x); }, [](double x) { return std::exp(x); }),
      1.1);
  EXPECT_LE(
      largest_error([](float x) { return fast_tanh(x); }, [](double x) { return std::tanh(x); }),
      1.5);
  EXPECT_LE(largest_error([](float x) { return fast_sigmoid(x); }, exact_sigmoid), 2.5);
  EXPECT_LE(
      largest_error([](float x) { return fast_expm1(x); }, [](double x) { return std::expm1(x); }),
      5);
  const auto fraction = [](auto x) { return std::abs(x) <= 1 ? std::abs(x) : 1 / std::abs(x); };
  EXPECT_LE(largest_error([=](float x) { return fast_log1p(fraction(x)); },
                          [=](double x) { return std::log1p(fraction(static_cast<float>(x))); }),
            3);
}

TEST(VectorMath, LimitsAreExact) {
  EXPECT_EQ(fast_exp(-infinity), 0.0f);
  EXPECT_EQ(fast_exp(infinity), infinity);
  EXPECT_EQ(fast_exp(0.0f), 1.0f);
  EXPECT_EQ(fast_exp(89.0f), infinity);
  EXPECT_EQ(fast_exp(-103.0f), std::exp(-103.0f));  // a denormal
  EXPECT_EQ(fast_tanh(-infinity), -1.0f);
  EXPECT_EQ(fast_tanh(infinity), 1.0f);
  EXPECT_EQ(fast_tanh(1e-30f), 1e-30f);
  EXPECT_TRUE(std::signbit(fast_tanh(-0.0f)));
  EXPECT_EQ(fast_sigmoid(-infinity), 0.0f);
  EXPECT_EQ(fast_sigmoid(infinity), 1.0f);
  EXPECT_EQ(fast_sigmoid(0.0f), 0.5f);
  EXPECT_EQ(fast_expm1(-infinity), -1.0f);
  EXPECT_EQ(fast_expm1(infinity), infinity);
  EXPECT_EQ(fast_expm1(1e-30f), 1e-30f);
  EXPECT_EQ(fast_log1p(0.0f), 0.0f);
  EXPECT_EQ(fast_log1p(1e-30f), 1e-30f);
  EXPECT_TRUE(std::isnan(fast_expm1(nan)));
  EXPECT_TRUE(std::isnan(fast_log1p(nan)));
  EXPECT_TRUE(std::isnan(fast_exp(nan)));
  EXPECT_TRUE(std::isnan(fast_tanh(nan)));
  EXPECT_TRUE(std::isnan(fast_sigmoid(nan)));
}

TEST(VectorMath, TanhNeverLeavesTheUnitInterval) {
  for (const float x : floats_everywhere()) ASSERT_LE(std::abs(fast_tanh(x)), 1.0f) << x;
}

}  // namespace
}  // namespace stroma::kernels::vector_math
