#include "kernels/layer_norm.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "tests/devices.h"
#include "tests/kernels/near_sums.h"
#include "tests/kernels/random_values.h"
#include "tests/kernels/threads.h"

namespace stroma::kernels {
namespace {

constexpr double epsilon = 1e-3;

struct Shape {
  int64_t rows, channels;
};

// One, odd, prime, past a warp's width, several slices and blocks of rows.
const std::vector<Shape> shapes = {{1, 1}, {1, 7}, {5, 33}, {1031, 2}, {300, 64}, {41, 1009}};

/// An input whose rows have a deviation near 1, so that no step of the formula magnifies an error.
template <class T>
std::vector<T> spread_values(const Shape& s, std::mt19937& random) {
  std::vector<T> x = test::random_values<T>(s.rows * s.channels, random);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = x[i] / 2 + (i % s.channels % 2 == 0 ? 1 : -1);
  return x;
}

struct Expected {
  std::vector<double> y, dx, dw, db;
};

template <class T>
Expected expected_of(const Shape& s, const std::vector<T>& x, const std::vector<T>& w,
                     const std::vector<T>& b, const std::vector<T>& dy) {
  const auto channels = static_cast<double>(s.channels);
  Expected e{std::vector<double>(x.size()), std::vector<double>(x.size()),
             std::vector<double>(w.begin(), w.end()), std::vector<double>(b.begin(), b.end())};
  for (int64_t row = 0; row < s.rows; ++row) {
    const int64_t first = row * s.channels;
    double mean = 0, variance = 0, sum = 0, along = 0;
    for (int64_t c = 0; c < s.channels; ++c) mean += x[first + c] / channels;
    for (int64_t c = 0; c < s.channels; ++c)
      variance += std::pow(x[first + c] - mean, 2) / channels;
    const double inverse_sd = 1 / std::sqrt(variance + epsilon);
    const auto normalized = [&](int64_t c) { return (x[first + c] - mean) * inverse_sd; };
    for (int64_t c = 0; c < s.channels; ++c) {
      e.y[first + c] = normalized(c) * w[c] + b[c];
      e.dw[c] += dy[first + c] * normalized(c);
      e.db[c] += dy[first + c];
      sum += double(dy[first + c]) * w[c] / channels;
      along += double(dy[first + c]) * w[c] * normalized(c) / channels;
    }
    for (int64_t c = 0; c < s.channels; ++c) {
      e.dx[first + c] = inverse_sd * (double(dy[first + c]) * w[c] - sum - normalized(c) * along);
    }
  }
  return e;
}

TEST(LayerNorm, ForwardAndBackwardFollowTheFormula) {
  for (const Shape& s : shapes) {
    SCOPED_TRACE(testing::Message() << s.rows << " x " << s.channels);
    test::on_each_device([&]<class T>(const auto& context, T) {
      std::mt19937 random(static_cast<unsigned>(s.rows));
      const std::vector<T> x = spread_values<T>(s, random);
      const std::vector<T> w = test::random_values<T>(s.channels, random);
      const std::vector<T> b = test::random_values<T>(s.channels, random);
      const std::vector<T> dy = test::random_values<T>(x.size(), random);
      test::Array input(context, x);
      test::Array weight(context, w);
      test::Array bias(context, b);
      test::Array output(context, x);
      test::Array mean(context, std::vector<T>(s.rows));
      test::Array inverse_sd(context, std::vector<T>(s.rows));
      test::Array output_grad(context, dy);
      test::Array input_grad(context, dy);
      test::Array weight_grad(context, w);
      test::Array bias_grad(context, b);  // added to
      layer_norm(context, LayerNorm<T>{.rows = s.rows,
                                       .channels = s.channels,
                                       .epsilon = T(epsilon),
                                       .input = input.data(),
                                       .weight = weight.data(),
                                       .bias = bias.data(),
                                       .mean = mean.data(),
                                       .inverse_sd = inverse_sd.data(),
                                       .output = output.data()});
      layer_norm_backward(context, LayerNormBackward<T>{.rows = s.rows,
                                                        .channels = s.channels,
                                                        .input = input.data(),
                                                        .weight = weight.data(),
                                                        .mean = mean.data(),
                                                        .inverse_sd = inverse_sd.data(),
                                                        .output_grad = output_grad.data(),
                                                        .input_grad = input_grad.data(),
                                                        .weight_grad = weight_grad.data(),
                                                        .bias_grad = bias_grad.data()});
      const Expected e = expected_of(s, x, w, b, dy);
      expect_near(output.host(), e.y, s.channels, "output");
      expect_near(input_grad.host(), e.dx, s.channels, "input's gradient");
      expect_near(weight_grad.host(), e.dw, s.rows + s.channels, "weight's gradient");
      expect_near(bias_grad.host(), e.db, s.rows, "bias's gradient");
    });
  }
}

TEST(LayerNorm, OrderOfThreadsDoesNotChangeItsBits) {
  test::on_each_device([]<class T>(const auto& context, T) {
    const Shape s{1031, 67};
    std::mt19937 random(3);
    const std::vector<T> x = test::random_values<T>(s.rows * s.channels, random);
    const auto results = test::with_thread_orders(context, [&] {
      test::Array input(context, x);
      test::Array output(context, x);
      test::Array output_grad(context, x);
      test::Array weight(context, std::vector<T>(s.channels, T(0.3)));
      test::Array mean(context, std::vector<T>(s.rows));
      test::Array inverse_sd(context, std::vector<T>(s.rows));
      test::Array weight_grad(context, std::vector<T>(s.channels));
      test::Array bias_grad(context, std::vector<T>(s.channels));
      layer_norm(context,
                 LayerNorm<T>{s.rows, s.channels, T(epsilon), input.data(), weight.data(),
                              weight.data(), mean.data(), inverse_sd.data(), output.data()});
      layer_norm_backward(
          context, LayerNormBackward<T>{s.rows, s.channels, input.data(), weight.data(),
                                        mean.data(), inverse_sd.data(), output_grad.data(),
                                        output.data(), weight_grad.data(), bias_grad.data()});
      std::vector<T> all = output.host();
      for (const std::vector<T>& more : {weight_grad.host(), bias_grad.host()}) {
        all.insert(all.end(), more.begin(), more.end());
      }
      return all;
    });
    for (const auto& again : results) EXPECT_TRUE(again == results[0]);
  });
}

}  // namespace
}  // namespace stroma::kernels
