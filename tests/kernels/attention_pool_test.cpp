#include "kernels/attention_pool.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/devices.h"
#include "tests/kernels/random_values.h"
#include "tests/kernels/threads.h"

namespace stroma::kernels {
namespace {

struct Shape {
  int64_t length, batch, channels;
};

// One, odd, prime, and positions and channels past a warp's width.
const std::vector<Shape> shapes = {{1, 1, 1}, {1, 7, 3},    {5, 1, 33},
                                   {7, 3, 2}, {40, 11, 64}, {97, 13, 101}};

/// The formula in double, and beside each number how far a T may be from it.
struct Expected {
  std::vector<double> y, y_error, dx, dx_error, ds, ds_error;
};

/// A weight is a quotient of an exponential (whose argument, ≤ 2, is rounded once, and which is
/// within 3 units in the last place) and a sum of `count` of them, so that its relative error is
/// r ≤ (count + 8) · ε. What is summed from weights rounds once more a term.
template <class T>
Expected expected(const Shape& s, const std::vector<T>& x, const std::vector<T>& scores,
                  const std::vector<T>& dy, const std::vector<int32_t>& lengths) {
  const double epsilon = std::numeric_limits<T>::epsilon();
  const std::size_t vectors = s.batch * s.channels, rows = s.length * s.batch;
  const std::vector<double> of_vectors(vectors), of_rows(rows), of_all(rows * s.channels);
  Expected e{of_vectors, of_vectors, of_all, of_all, of_rows, of_rows};
  for (int64_t n = 0; n < s.batch; ++n) {
    const int64_t count = lengths[n];
    const double r = (static_cast<double>(count) + 8) * epsilon;
    double all = 0;
    for (int64_t t = 0; t < count; ++t) all += std::exp(double(scores[t * s.batch + n]));
    const auto weight = [&](int64_t t) { return std::exp(double(scores[t * s.batch + n])) / all; };
    double mean = 0, mean_size = 0, mean_error = 0;
    for (int64_t c = 0; c < s.channels; ++c) {
      const int64_t i = n * s.channels + c;
      for (int64_t t = 0; t < count; ++t) {
        const double term = weight(t) * x[(t * s.batch + n) * s.channels + c];
        e.y[i] += term;
        e.y_error[i] += std::abs(term) * (r + static_cast<double>(count) * epsilon);
      }
      mean += dy[i] * e.y[i];
      mean_size += std::abs(dy[i] * e.y[i]);
      mean_error += std::abs(dy[i]) * e.y_error[i];
    }
    const double sum_error = (static_cast<double>(s.channels) + 2) * epsilon;
    for (int64_t t = 0; t < count; ++t) {
      const int64_t row = t * s.batch + n;
      double dot = 0, dot_size = 0;
      for (int64_t c = 0; c < s.channels; ++c) {
        const double term = double(dy[n * s.channels + c]) * x[row * s.channels + c];
        dot += term;
        dot_size += std::abs(term);
        e.dx[row * s.channels + c] = weight(t) * dy[n * s.channels + c];
        e.dx_error[row * s.channels + c] = std::abs(e.dx[row * s.channels + c]) * (r + epsilon);
      }
      e.ds[row] = weight(t) * (dot - mean);
      e.ds_error[row] =
          weight(t) * ((dot_size + mean_size) * (sum_error + r + epsilon) + mean_error);
    }
  }
  return e;
}

void expect_near(const auto& actual, const std::vector<double>& values,
                 const std::vector<double>& errors) {
  ASSERT_EQ(actual.size(), values.size());
  for (std::size_t i = 0; i < values.size(); ++i) ASSERT_NEAR(actual[i], values[i], errors[i]) << i;
}

TEST(AttentionPool, IsTheFormulaForwardAndBackward) {
  for (const Shape& s : shapes) {
    for (const bool masked : {false, true}) {
      SCOPED_TRACE(testing::Message() << s.length << " x " << s.batch << " x " << s.channels
                                      << (masked ? ", masked" : ""));
      std::mt19937 random(static_cast<unsigned>(s.length));
      std::vector<int32_t> lengths(s.batch, static_cast<int32_t>(s.length));
      for (int64_t n = 0; masked && n < s.batch; ++n) {
        lengths[n] = static_cast<int32_t>(n == s.batch / 2 ? 0 : random() % (s.length + 1));
      }
      test::on_each_device([&]<class T>(const auto& context, T) {
        const int64_t rows = s.length * s.batch;
        const std::vector<T> x = test::random_values<T>(rows * s.channels, random);
        const std::vector<T> scores = test::random_values<T>(rows, random);
        const std::vector<T> dy = test::random_values<T>(s.batch * s.channels, random);
        const Expected e = expected(s, x, scores, dy, lengths);
        test::Array input(context, x);
        test::Array on_scores(context, scores);
        test::Array output_grad(context, dy);
        test::Array on_lengths(context, lengths);
        struct Results {
          std::vector<T> y, dx, ds;
          bool operator==(const Results&) const = default;
        };
        const auto results = test::with_thread_orders(context, [&] {
          test::Array weights(context, std::vector<T>(rows, T(NAN)));
          test::Array output(context, std::vector<T>(dy.size(), T(NAN)));
          test::Array input_grad(context, std::vector<T>(x.size(), T(NAN)));
          test::Array scores_grad(context, std::vector<T>(rows, T(NAN)));
          attention_pool(context, AttentionPool<T>{.length = s.length,
                                                   .batch = s.batch,
                                                   .channels = s.channels,
                                                   .input = input.data(),
                                                   .scores = on_scores.data(),
                                                   .lengths = masked ? on_lengths.data() : nullptr,
                                                   .weights = weights.data(),
                                                   .output = output.data()});
          attention_pool_backward(context,
                                  AttentionPoolBackward<T>{.length = s.length,
                                                           .batch = s.batch,
                                                           .channels = s.channels,
                                                           .input = input.data(),
                                                           .output = output.data(),
                                                           .weights = weights.data(),
                                                           .output_grad = output_grad.data(),
                                                           .input_grad = input_grad.data(),
                                                           .scores_grad = scores_grad.data()});
          return Results{output.host(), input_grad.host(), scores_grad.host()};
        });
        expect_near(results[0].y, e.y, e.y_error);
        expect_near(results[0].dx, e.dx, e.dx_error);
        expect_near(results[0].ds, e.ds, e.ds_error);
        for (const Results& other : results) EXPECT_TRUE(other == results[0]);
      });
    }
  }
}

}  // namespace
}  // namespace stroma::kernels
