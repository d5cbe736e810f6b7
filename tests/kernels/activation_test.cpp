#include "kernels/activation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/devices.h"
#include "tests/kernels/random_values.h"

namespace stroma::kernels {
namespace {

constexpr Activation kinds[] = {Activation::relu, Activation::tanh, Activation::sigmoid,
                                Activation::elu, Activation::softplus};
constexpr double alpha = 0.75;  // exact in float

long double value(Activation kind, long double x) {
  if (kind == Activation::relu) return x > 0 ? x : 0;
  if (kind == Activation::elu) return x < 0 ? alpha * std::expm1(x) : x;
  if (kind == Activation::softplus) return std::log1p(std::exp(x));
  return kind == Activation::tanh ? std::tanh(x) : 1 / (1 + std::exp(-x));
}

long double derivative(Activation kind, long double x) {
  const long double y = value(kind, x);
  if (kind == Activation::relu) return x > 0 ? 1 : 0;
  if (kind == Activation::elu) return x < 0 ? alpha * std::exp(x) : 1;
  if (kind == Activation::softplus) return 1 / (1 + std::exp(-x));
  return kind == Activation::tanh ? 1 - y * y : y * (1 - y);
}

template <class T, class Context>
void check(const Context& context, Activation kind, int64_t count) {
  std::mt19937 random(count);
  std::vector<T> x = test::random_values<T>(count, random);
  for (T& element : x) element *= 8;
  const std::vector<T> dy = test::random_values<T>(count, random);
  test::Array input(context, x);
  test::Array output(context, std::vector<T>(count));
  test::Array output_grad(context, dy);
  test::Array input_grad(context, std::vector<T>(count));
  activation_forward(context, ActivationForward<T>{.kind = kind,
                                                   .count = count,
                                                   .input = input.data(),
                                                   .output = output.data(),
                                                   .alpha = T(alpha)});
  activation_backward(context, ActivationBackward<T>{.kind = kind,
                                                     .count = count,
                                                     .output = output.data(),
                                                     .output_grad = output_grad.data(),
                                                     .input_grad = input_grad.data(),
                                                     .alpha = T(alpha)});
  const std::vector<T> y = output.host(), dx = input_grad.host();
  // The vectorised functions err by at most 5 units in the last place, and a product or a sum
  // follows; so does the y that gradients start from, which no derivative of them magnifies.
  const double epsilon = std::numeric_limits<T>::epsilon();
  for (int64_t i = 0; i < count; ++i) {
    const double expected = static_cast<double>(value(kind, x[i]));
    ASSERT_NEAR(y[i], expected, 6 * epsilon * std::abs(expected)) << "x " << x[i];
    const double slope = static_cast<double>(derivative(kind, x[i]));
    ASSERT_NEAR(dx[i], slope * dy[i], 8 * epsilon * std::abs(dy[i]));
  }
}

TEST(Activation, ForwardAndBackwardMatchTheFormulas) {
  for (const Activation kind : kinds) {
    for (const int64_t count : {1, 3, 17, 1009, 40009}) {
      test::on_each_device(
          [&]<class T>(const auto& context, T) { check<T>(context, kind, count); });
    }
  }
}

/// activation_forward of x, in place.
template <class T, class Context>
std::vector<T> in_place(const Context& context, Activation kind, const std::vector<T>& x) {
  test::Array data(context, x);
  activation_forward(context, ActivationForward<T>{.kind = kind,
                                                   .count = static_cast<int64_t>(x.size()),
                                                   .input = data.data(),
                                                   .output = data.data()});
  return data.host();
}

TEST(Activation, WorksInPlace) {
  test::on_each_device([]<class T>(const auto& context, T) {
    for (const Activation kind : kinds) {
      std::mt19937 random(5);
      const std::vector<T> x = test::random_values<T>(1000, random);
      test::Array input(context, x);
      test::Array output(context, std::vector<T>(1000));
      activation_forward(
          context,
          ActivationForward<T>{
              .kind = kind, .count = 1000, .input = input.data(), .output = output.data()});
      EXPECT_EQ(in_place(context, kind, x), output.host());
    }
  });
}

TEST(Activation, SaturatesWithoutNaNAndPassesNaNOn) {
  test::on_each_device([]<class T>(const auto& context, T) {
    const T infinity = std::numeric_limits<T>::infinity();
    const std::vector<T> x{-infinity, -1000, 1000, infinity, std::numeric_limits<T>::quiet_NaN()};
    const std::vector<std::vector<T>> expected{{0, 0, 1000, infinity},
                                               {-1, -1, 1, 1},
                                               {0, 0, 1, 1},
                                               {-1, -1, 1000, infinity},
                                               {0, 0, 1000, infinity}};
    for (int kind = 0; kind < 5; ++kind) {
      const std::vector<T> y = in_place(context, kinds[kind], x);
      for (int i = 0; i < 4; ++i) EXPECT_EQ(y[i], expected[kind][i]) << kind << " of " << x[i];
      EXPECT_TRUE(std::isnan(y[4])) << kind;
    }
  });
}

}  // namespace
}  // namespace stroma::kernels
