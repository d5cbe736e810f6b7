#include "kernels/pool1d.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/devices.h"
#include "tests/kernels/random_values.h"

namespace stroma::kernels {
namespace {

std::string describe(const Pool1dShape& s) {
  return (testing::Message() << "length " << s.length << " batch " << s.batch << " channels "
                             << s.channels << " window " << s.window << " stride " << s.stride
                             << " padding " << s.padding)
      .GetString();
}

/// Shapes with every kind of extent: one, odd, prime, large; windows that touch, overlap, leave
/// gaps.
std::vector<Pool1dShape> shapes() {
  std::vector<Pool1dShape> all{{40, 32, 128, 2, 2, 0}, {1, 1, 1, 1, 1, 0}, {1, 2, 3, 2, 1, 1}};
  std::mt19937 random(3);
  const auto draw = [&](int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(random);
  };
  while (all.size() < 200) {
    Pool1dShape s{draw(1, 50), draw(1, 7), draw(1, 67), draw(1, 6), draw(1, 7), 0};
    s.padding = draw(0, s.window / 2);
    if (s.length + 2 * s.padding >= s.window) all.push_back(s);
  }
  return all;
}

/// Input position of element `k` of window `t`, or −1 in the padding.
int64_t position(const Pool1dShape& s, int64_t t, int64_t k) {
  const int64_t p = t * s.stride - s.padding + k;
  return p < s.length ? p : -1;
}

template <class T, class Context>
void check_max(const Context& context, const Pool1dShape& s, bool relu) {
  std::mt19937 random(11);
  const int64_t row = s.batch * s.channels;
  std::vector<T> x = test::random_values<T>(s.length * row, random);
  for (T& value : x) value = std::round(value * 4) / 4;  // many ties
  const std::vector<T> dy = test::random_values<T>(s.out_length() * row, random);
  test::Array input(context, x), output(context, std::vector<T>(dy.size()));
  test::Array output_grad(context, dy), input_grad(context, std::vector<T>(x.size(), std::nan("")));
  max_pool1d_forward(context,
                     MaxPool1dForward<T>{
                         .shape = s, .relu = relu, .input = input.data(), .output = output.data()});
  max_pool1d_backward(context, MaxPool1dBackward<T>{.shape = s,
                                                    .relu = relu,
                                                    .input = input.data(),
                                                    .output = output.data(),
                                                    .output_grad = output_grad.data(),
                                                    .input_grad = input_grad.data()});
  const std::vector<T> y = output.host(), dx = input_grad.host();
  std::vector<T> expected_dx(x.size(), 0);  // sums in the same order, so equal to the bit
  for (int64_t t = 0; t < s.out_length(); ++t) {
    for (int64_t j = 0; j < row; ++j) {
      int64_t best = -1;
      for (int64_t k = 0; k < s.window; ++k) {
        const int64_t p = position(s, t, k);
        if (p >= 0 && (best < 0 || x[p * row + j] > x[best])) best = p * row + j;
      }
      const T expected = relu ? std::max<T>(x[best], 0) : x[best];
      ASSERT_EQ(y[t * row + j], expected);
      if (!relu || expected > 0) expected_dx[best] += dy[t * row + j];
    }
  }
  ASSERT_EQ(dx, expected_dx);
}

template <class T, class Context>
void check_average(const Context& context, const Pool1dShape& s) {
  std::mt19937 random(13);
  const int64_t row = s.batch * s.channels;
  const std::vector<T> x = test::random_values<T>(s.length * row, random);
  const std::vector<T> dy = test::random_values<T>(s.out_length() * row, random);
  test::Array input(context, x), output(context, std::vector<T>(dy.size()));
  test::Array output_grad(context, dy), input_grad(context, std::vector<T>(x.size(), std::nan("")));
  average_pool1d_forward(
      context, AveragePool1dForward<T>{.shape = s, .input = input.data(), .output = output.data()});
  average_pool1d_backward(
      context, AveragePool1dBackward<T>{
                   .shape = s, .output_grad = output_grad.data(), .input_grad = input_grad.data()});
  const std::vector<T> y = output.host(), dx = input_grad.host();
  // A sum of at most `window` numbers of magnitude ≤ 1 / window, each rounded twice.
  const double bound = (s.window + 2) * std::numeric_limits<T>::epsilon();
  std::vector<double> expected_dx(x.size(), 0);
  for (int64_t t = 0; t < s.out_length(); ++t) {
    for (int64_t j = 0; j < row; ++j) {
      double sum = 0;
      for (int64_t k = 0; k < s.window; ++k) {
        const int64_t p = position(s, t, k);
        if (p < 0) continue;
        sum += x[p * row + j];
        expected_dx[p * row + j] += double(dy[t * row + j]) / s.window;
      }
      ASSERT_NEAR(y[t * row + j], sum / s.window, bound);
    }
  }
  for (std::size_t i = 0; i < dx.size(); ++i) ASSERT_NEAR(dx[i], expected_dx[i], bound);
}

TEST(MaxPool1d, TakesTheMaximumAndSendsTheGradientToTheFirst) {
  for (const Pool1dShape& shape : shapes()) {
    for (const bool relu : {false, true}) {
      SCOPED_TRACE(describe(shape) + (relu ? " relu" : ""));
      test::on_each_device(
          [&]<class T>(const auto& context, T) { check_max<T>(context, shape, relu); });
    }
  }
}

TEST(MaxPool1d, ANaNIsTheMaximumAndTakesNoGradient) {
  test::on_each_device([]<class T>(const auto& context, T) {
    test::Array x(context, std::vector<T>{1, T(std::nan("")), 2, T(std::nan("")), 3, 4});
    test::Array y(context, std::vector<T>(3)), dy(context, std::vector<T>{5, 6, 7});
    test::Array dx(context, std::vector<T>(6, -1));
    const Pool1dShape shape{6, 1, 1, 2, 2};
    max_pool1d_forward(
        context,
        MaxPool1dForward<T>{.shape = shape, .relu = true, .input = x.data(), .output = y.data()});
    max_pool1d_backward(context, MaxPool1dBackward<T>{.shape = shape,
                                                      .relu = true,
                                                      .input = x.data(),
                                                      .output = y.data(),
                                                      .output_grad = dy.data(),
                                                      .input_grad = dx.data()});
    EXPECT_TRUE(std::isnan(y.host()[0]));
    EXPECT_TRUE(std::isnan(y.host()[1]));
    EXPECT_EQ(y.host()[2], 4);
    EXPECT_EQ(dx.host(), (std::vector<T>{0, 0, 0, 0, 0, 7}));
  });
}

TEST(AveragePool1d, MatchesTheMeanWithPaddingAsZeros) {
  for (const Pool1dShape& shape : shapes()) {
    SCOPED_TRACE(describe(shape));
    test::on_each_device(
        [&]<class T>(const auto& context, T) { check_average<T>(context, shape); });
  }
}

}  // namespace
}  // namespace stroma::kernels
