#include "kernels/global_pool1d.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "tests/devices.h"
#include "tests/kernels/random_values.h"

namespace stroma::kernels {
namespace {

struct Shape {
  int64_t length, batch, channels;
};

const std::vector<Shape> shapes = {{1, 1, 1},   {1, 7, 3},     {5, 1, 33},  {7, 3, 2},
                                   {17, 9, 64}, {64, 13, 101}, {1009, 2, 5}};

/// For each shape, without lengths and with some between none and all.
template <class F>
void for_each_case(const F& f) {
  for (const Shape& s : shapes) {
    for (const bool masked : {false, true}) {
      SCOPED_TRACE(testing::Message() << s.length << " x " << s.batch << " x " << s.channels
                                      << (masked ? ", masked" : ""));
      std::mt19937 random(static_cast<unsigned>(s.length));
      std::vector<int32_t> lengths(s.batch, static_cast<int32_t>(s.length));
      for (int64_t n = 0; masked && n + 1 < s.batch; ++n) {
        lengths[n] = n == 0 ? 0 : static_cast<int32_t>(random() % (s.length + 1));
      }
      test::on_each_device([&]<class T>(const auto& context, T) {
        test::Array on_device(context, lengths);
        const int32_t* const given = masked ? on_device.data() : nullptr;
        f.template operator()<T>(context, s, lengths, given, random);
      });
    }
  }
}

TEST(GlobalPool1d, AverageFollowsTheFormula) {
  for_each_case([]<class T>(const auto& context, const Shape& s, const auto& lengths,
                            const int32_t* given, std::mt19937& random) {
    const int64_t row = s.batch * s.channels;
    const std::vector<T> x = test::random_values<T>(s.length * row, random);
    const std::vector<T> dy = test::random_values<T>(row, random);
    test::Array input(context, x);
    test::Array output(context, dy);
    test::Array output_grad(context, dy);
    test::Array input_grad(context, x);  // to be written over
    global_average_pool1d(context, GlobalAveragePool1d<T>{s.length, s.batch, s.channels,
                                                          input.data(), given, output.data()});
    global_average_pool1d_backward(
        context, GlobalAveragePool1dBackward<T>{s.length, s.batch, s.channels, output_grad.data(),
                                                given, input_grad.data()});
    const std::vector<T> y = output.host(), dx = input_grad.host();
    for (int64_t j = 0; j < row; ++j) {
      const int64_t length = lengths[j / s.channels];
      double sum = 0;
      for (int64_t t = 0; t < length; ++t) sum += x[t * row + j];
      // Sums of numbers below 1 in any order, then a share of one more rounding.
      const double bound = double(length + 2) * std::numeric_limits<T>::epsilon();
      ASSERT_NEAR(y[j], length > 0 ? sum / double(length) : 0, bound);
      for (int64_t t = 0; t < s.length; ++t) {
        const T share = t < length ? T(1) / static_cast<T>(length) : T(0);
        ASSERT_EQ(dx[t * row + j], dy[j] * share);
      }
    }
  });
}

TEST(GlobalPool1d, MaximumAndItsGradientAreExact) {
  for_each_case([]<class T>(const auto& context, const Shape& s, const auto& lengths,
                            const int32_t* given, std::mt19937& random) {
    const int64_t row = s.batch * s.channels;
    std::vector<T> x(s.length * row);
    for (T& value : x) value = static_cast<T>(random() % 7) - 6;  // with ties, and none above 0
    const std::vector<T> dy = test::random_values<T>(row, random);
    test::Array input(context, x);
    test::Array output(context, dy);
    test::Array output_grad(context, dy);
    test::Array positions(context, std::vector<int32_t>(row));
    test::Array input_grad(context, x);
    global_max_pool1d(context, GlobalMaxPool1d<T>{s.length, s.batch, s.channels, input.data(),
                                                  given, output.data(), positions.data()});
    global_max_pool1d_backward(
        context, GlobalMaxPool1dBackward<T>{s.length, s.batch, s.channels, output_grad.data(),
                                            positions.data(), input_grad.data()});
    std::vector<T> y(row), dx(x.size());
    for (int64_t j = 0; j < row; ++j) {
      int64_t best = -1;
      for (int64_t t = 0; t < lengths[j / s.channels]; ++t) {
        if (best < 0 || x[t * row + j] > x[best * row + j]) best = t;
      }
      if (best < 0) continue;
      y[j] = x[best * row + j];
      dx[best * row + j] = dy[j];
    }
    EXPECT_EQ(output.host(), y);
    EXPECT_EQ(input_grad.host(), dx);
  });
}

TEST(GlobalPool1d, TheFirstNaNIsTheMaximum) {
  test::on_each_device([]<class T>(const auto& context, T) {
    const T nan = std::numeric_limits<T>::quiet_NaN();
    test::Array input(context, std::vector<T>{1, nan, 3, nan, 2});
    test::Array output(context, std::vector<T>(1));
    test::Array positions(context, std::vector<int32_t>(1));
    global_max_pool1d(context, GlobalMaxPool1d<T>{5, 1, 1, input.data(), nullptr, output.data(),
                                                  positions.data()});
    EXPECT_TRUE(std::isnan(output.host()[0]));
    EXPECT_EQ(positions.host()[0], 1);
  });
}

}  // namespace
}  // namespace stroma::kernels
