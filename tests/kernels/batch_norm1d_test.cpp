#include "kernels/batch_norm1d.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <random>
#include <vector>

#include "tests/devices.h"
#include "tests/kernels/near_sums.h"
#include "tests/kernels/random_values.h"
#include "tests/kernels/threads.h"

namespace stroma::kernels {
namespace {

constexpr double epsilon = 1e-3, momentum = 0.25;

struct Shape {
  int64_t length, batch, channels;
};

/// A batch with what is computed of it, on any device.
template <class T>
struct Problem {
  Problem(const Shape& shape, bool masked, unsigned seed) : s(shape) {
    std::mt19937 random(seed);
    const int64_t row = s.batch * s.channels;
    x = test::random_values<T>(s.length * row, random);
    // A deviation near 1 of every channel, so that no step of the formula magnifies an error.
    for (std::size_t i = 0; i < x.size(); ++i) {
      x[i] = x[i] / 2 + (static_cast<int64_t>(i) / s.channels % 2 == 0 ? 1 : -1);
    }
    dy = test::random_values<T>(s.length * row, random);
    w = test::random_values<T>(s.channels, random);
    b = test::random_values<T>(s.channels, random);
    mean = test::random_values<T>(s.channels, random);
    variance = test::random_values<T>(s.channels, random);
    for (T& value : variance) value += T(1.5);
    dw = w;
    db = b;
    if (!masked) return;
    lengths = std::vector<int32_t>(s.batch);
    for (int32_t& length : *lengths) length = static_cast<int32_t>(random() % (s.length + 1));
    (*lengths)[0] = 0;
    for (int64_t i = 0; i < std::ssize(x); ++i) {
      if (is_padding(i / s.channels)) x[i] = 0;
    }
  }

  bool is_padding(int64_t row) const {
    return lengths && row / s.batch >= (*lengths)[row % s.batch];
  }

  template <class Context>
  void run(const Context& context, bool training) {
    test::Array input(context, x);
    test::Array weight(context, w);
    test::Array bias(context, b);
    test::Array output_grad(context, dy);
    test::Array running_mean(context, mean);
    test::Array running_variance(context, variance);
    test::Array on_device(context, lengths.value_or(std::vector<int32_t>(1)));
    test::Array tracked(context, std::vector<int64_t>{batches});
    test::Array used_mean(context, w);
    test::Array inverse_sd(context, w);
    test::Array share(context, std::vector<T>(1));
    test::Array output(context, dy);
    test::Array input_grad(context, dy);  // to be written over
    test::Array weight_grad(context, dw);
    test::Array bias_grad(context, db);
    const int32_t* const given = lengths ? on_device.data() : nullptr;
    batch_norm1d(context, BatchNorm1d<T>{.length = s.length,
                                         .batch = s.batch,
                                         .channels = s.channels,
                                         .training = training,
                                         .epsilon = T(epsilon),
                                         .momentum = T(momentum),
                                         .input = input.data(),
                                         .lengths = given,
                                         .weight = weight.data(),
                                         .bias = bias.data(),
                                         .running_mean = running_mean.data(),
                                         .running_variance = running_variance.data(),
                                         .batches = tracked.data(),
                                         .mean = used_mean.data(),
                                         .inverse_sd = inverse_sd.data(),
                                         .share = share.data(),
                                         .output = output.data()});
    batch_norm1d_backward(context, BatchNorm1dBackward<T>{.length = s.length,
                                                          .batch = s.batch,
                                                          .channels = s.channels,
                                                          .input = input.data(),
                                                          .lengths = given,
                                                          .weight = weight.data(),
                                                          .mean = used_mean.data(),
                                                          .inverse_sd = inverse_sd.data(),
                                                          .share = share.data(),
                                                          .output_grad = output_grad.data(),
                                                          .input_grad = input_grad.data(),
                                                          .weight_grad = weight_grad.data(),
                                                          .bias_grad = bias_grad.data()});
    y = output.host();
    dx = input_grad.host();
    dw = weight_grad.host();
    db = bias_grad.host();
    mean = running_mean.host();
    variance = running_variance.host();
    batches = tracked.host()[0];
  }

  Shape s;
  std::optional<std::vector<int32_t>> lengths;
  std::vector<T> x, dy, w, b, mean, variance, y, dx, dw, db;
  int64_t batches = 3;
};

struct Expected {
  std::vector<double> y, dx, dw, db, mean, variance;
  int64_t count = 0;  // values a channel
};

template <class T>
Expected expected_of(const Problem<T>& p, bool training) {
  const auto doubles = [](const std::vector<T>& values) {
    return std::vector<double>(values.begin(), values.end());
  };
  Expected e{std::vector<double>(p.x.size()),
             std::vector<double>(p.x.size()),
             doubles(p.dw),
             doubles(p.db),
             doubles(p.mean),
             doubles(p.variance)};
  std::vector<int64_t> rows;
  for (int64_t row = 0; row < p.s.length * p.s.batch; ++row) {
    if (!p.is_padding(row)) rows.push_back(row);
  }
  e.count = std::ssize(rows);
  const auto n = static_cast<double>(rows.size());
  const bool of_batch = training && rows.size() > 1;
  for (int64_t c = 0; c < p.s.channels; ++c) {
    double mean = 0, squares = 0, sum = 0, along = 0;
    for (const int64_t row : rows) mean += p.x[row * p.s.channels + c] / n;
    for (const int64_t row : rows) squares += std::pow(p.x[row * p.s.channels + c] - mean, 2);
    if (!of_batch) mean = p.mean[c];
    const double variance = of_batch ? squares / n : double{p.variance[c]};
    if (of_batch) {
      e.mean[c] += momentum * (mean - e.mean[c]);
      e.variance[c] += momentum * (squares / (n - 1) - e.variance[c]);
    }
    const double inverse_sd = 1 / std::sqrt(variance + epsilon);
    const auto normalized = [&](int64_t i) { return (p.x[i] - mean) * inverse_sd; };
    for (const int64_t row : rows) {
      const int64_t i = row * p.s.channels + c;
      e.y[i] = normalized(i) * p.w[c] + p.b[c];
      sum += p.dy[i];
      along += p.dy[i] * normalized(i);
    }
    e.dw[c] += along;
    e.db[c] += sum;
    for (const int64_t row : rows) {
      const int64_t i = row * p.s.channels + c;
      const double shared = of_batch ? (sum + normalized(i) * along) / n : 0;
      e.dx[i] = p.w[c] * inverse_sd * (p.dy[i] - shared);
    }
  }
  return e;
}

// One value; two; odd, prime, past a tile's width; several slices and blocks of rows.
const std::vector<Shape> shapes = {{1, 1, 3},    {1, 2, 1},    {1, 9, 33},   {7, 3, 5},
                                   {40, 13, 64}, {1031, 1, 2}, {17, 31, 101}};

TEST(BatchNorm1d, ForwardAndBackwardFollowTheFormula) {
  for (const Shape& s : shapes) {
    for (const bool masked : {false, true}) {
      for (const bool training : {false, true}) {
        SCOPED_TRACE(testing::Message()
                     << s.length << " x " << s.batch << " x " << s.channels
                     << (masked ? ", masked" : "") << (training ? ", training" : ""));
        test::on_each_device([&]<class T>(const auto& context, T) {
          Problem<T> p(s, masked, static_cast<unsigned>(s.length + s.channels));
          const Expected e = expected_of(p, training);
          p.run(context, training);
          expect_near(p.y, e.y, e.count, "output");
          expect_near(p.dx, e.dx, e.count, "input's gradient");
          expect_near(p.dw, e.dw, e.count, "weight's gradient");
          expect_near(p.db, e.db, e.count, "bias's gradient");
          expect_near(p.mean, e.mean, e.count, "running mean");
          expect_near(p.variance, e.variance, e.count, "running variance");
          EXPECT_EQ(p.batches, training && e.count > 1 ? 4 : 3);
        });
      }
    }
  }
}

TEST(BatchNorm1d, ABatchOfEmptySequencesGivesZerosAndTeachesNothing) {
  test::on_each_device([]<class T>(const auto& context, T) {
    Problem<T> p({4, 3, 5}, true, 1);
    p.lengths = std::vector<int32_t>(3);
    const Problem<T> before = p;
    p.run(context, true);
    EXPECT_EQ(p.y, std::vector<T>(60));
    EXPECT_EQ(p.dx, std::vector<T>(60));
    EXPECT_EQ(p.mean, before.mean);
    EXPECT_EQ(p.variance, before.variance);
    EXPECT_EQ(p.dw, before.dw);
    EXPECT_EQ(p.batches, before.batches);
  });
}

TEST(BatchNorm1d, ALargeMeanLeavesTheDeviationItsDigits) {
  test::on_each_device([]<class T>(const auto& context, T) {
    Problem<T> p({40, 32, 3}, false, 2);
    for (T& value : p.x) value += 4096;  // where floats are 2⁻¹¹ apart
    const Expected e = expected_of(p, true);
    p.run(context, true);
    // The mean is a float near 4096, too, rounded to 2⁻¹² some times while blocks are joined.
    for (std::size_t i = 0; i < e.y.size(); ++i) {
      ASSERT_NEAR(p.y[i], e.y[i], 16 * 4096 * double{std::numeric_limits<T>::epsilon()});
    }
  });
}

TEST(BatchNorm1d, OrderOfThreadsDoesNotChangeItsBits) {
  test::on_each_device([]<class T>(const auto& context, T) {
    const auto results = test::with_thread_orders(context, [&] {
      Problem<T> p({37, 29, 67}, true, 3);
      p.run(context, true);
      std::vector<T> all = p.y;
      for (const std::vector<T>& more : {p.dx, p.dw, p.db, p.mean, p.variance}) {
        all.insert(all.end(), more.begin(), more.end());
      }
      return all;
    });
    for (const auto& again : results) EXPECT_TRUE(again == results[0]);
  });
}

}  // namespace
}  // namespace stroma::kernels
