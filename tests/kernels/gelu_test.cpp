#include "kernels/gelu.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>

#include "tests/devices.h"
#include "tests/kernels/random_values.h"

namespace stroma::kernels {
namespace {

constexpr double root = 0.79788456080286535588;  // √(2/π)

double bent(double x) { return root * (x + 0.044715 * x * x * x); }
double bent_slope(double x) { return root * (1 + 3 * 0.044715 * x * x); }
double distribution(double x) { return std::erfc(-x / std::numbers::sqrt2) / 2; }

double value(bool approximate, double x) {
  return x * (approximate ? (1 + std::tanh(bent(x))) / 2 : distribution(x));
}

double derivative(bool approximate, double x) {
  if (!approximate) return distribution(x) + x * root / 2 * std::exp(-x * x / 2);
  const double t = std::tanh(bent(x));
  return (1 + t + x * (1 - t * t) * bent_slope(x)) / 2;
}

template <class T, class Context>
void check(const Context& context, bool approximate, int64_t count) {
  std::mt19937 random(count);
  std::vector<T> x = test::random_values<T>(count, random);
  for (T& element : x) element *= 8;
  const std::vector<T> dy = test::random_values<T>(count, random);
  test::Array input(context, x);
  test::Array output(context, std::vector<T>(count));
  test::Array output_grad(context, dy);
  test::Array input_grad(context, std::vector<T>(count));
  gelu(context, Gelu<T>{approximate, count, input.data(), output.data()});
  gelu_backward(context, GeluBackward<T>{approximate, count, input.data(), output_grad.data(),
                                         input_grad.data()});
  const std::vector<T> y = output.host(), dx = input_grad.host();
  // Of float, Φ is by a formula that errs by 7.5e-8; beside it, and in t, a few roundings of
  // numbers of at most 1. Where t is near ±1, 1 − t² keeps no more than their absolute error.
  const double epsilon = std::numeric_limits<T>::epsilon();
  const double formula = std::is_same_v<T, float> && !approximate ? 7.5e-8 : 0;
  for (int64_t i = 0; i < count; ++i) {
    const double at = x[i];
    ASSERT_NEAR(y[i], value(approximate, at), (formula + 6 * epsilon) * std::abs(at)) << at;
    const double lever = approximate ? std::abs(at) * bent_slope(at) / 2 : 1;
    ASSERT_NEAR(dx[i], derivative(approximate, at) * dy[i],
                (formula + (8 + 4 * lever) * epsilon) * std::abs(dy[i]))
        << at;
  }
}

TEST(Gelu, ForwardAndBackwardMatchTheFormulas) {
  for (const bool approximate : {false, true}) {
    for (const int64_t count : {1, 3, 17, 1009, 40009}) {
      test::on_each_device(
          [&]<class T>(const auto& context, T) { check<T>(context, approximate, count); });
    }
  }
}

}  // namespace
}  // namespace stroma::kernels
