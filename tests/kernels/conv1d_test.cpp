#include "kernels/conv1d.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/devices.h"
#include "tests/kernels/random_values.h"
#include "tests/kernels/threads.h"

namespace stroma::kernels {
namespace {

/// Shapes with every kind of extent: one, odd, prime, large; every option alone and with others.
std::vector<Conv1dShape> shapes() {
  std::vector<Conv1dShape> all{
      {40, 8, 64, 128, 3, 1, 1, 1, 1},
      {40, 32, 4, 64, 3, 1, 1, 1, 1},
      {1, 1, 1, 1, 1, 1, 0, 1, 1},
      {97, 3, 31, 37, 7, 1, 3, 1, 1},
      {23, 2, 12, 12, 3, 1, 1, 1, 12},  // depthwise
      {5, 2, 3, 4, 3, 1, 9, 1, 1},      // whole taps in padding
      {301, 1, 20, 33, 11, 5, 0, 3, 1},
      {9, 2, 3, 5, 4, 1, 1, 1, 1, 1},  // an even kernel that keeps the length
  };
  std::mt19937 random(7);
  const auto draw = [&](int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(random);
  };
  while (all.size() < 80) {
    const int64_t groups = draw(0, 2) == 0 ? draw(2, 4) : 1;
    const Conv1dShape s{.length = draw(1, 40),
                        .batch = draw(1, 6),
                        .in_channels = groups * draw(1, 19),
                        .out_channels = groups * draw(1, 35),
                        .kernel_size = draw(1, 7),
                        .stride = draw(1, 4),
                        .padding = draw(0, 5),
                        .dilation = draw(1, 3),
                        .groups = groups,
                        .end_padding = draw(0, 2) / 2};
    if (s.padded_length() > s.dilation * (s.kernel_size - 1)) all.push_back(s);
  }
  return all;
}

std::string describe(const Conv1dShape& s) {
  return (testing::Message() << "length " << s.length << " batch " << s.batch << " in "
                             << s.in_channels << " out " << s.out_channels << " kernel "
                             << s.kernel_size << " stride " << s.stride << " padding " << s.padding
                             << " at the end " << s.end_padding << " dilation " << s.dilation
                             << " groups " << s.groups)
      .GetString();
}

/// A sum with the number and the magnitude of its terms: n terms in any order err by at most
/// (n + 1) ε Σ|terms|, the product of each included.
struct Sum {
  double value = 0, magnitude = 0;
  int64_t terms = 0;
  void add(double term) {
    value += term;
    magnitude += std::abs(term);
    ++terms;
  }
};

template <class T>
void expect_near(const std::vector<T>& values, const std::vector<Sum>& sums, const char* what) {
  ASSERT_EQ(values.size(), sums.size());
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const double bound =
        double(sums[i].terms + 1) * std::numeric_limits<T>::epsilon() * sums[i].magnitude;
    ASSERT_NEAR(values[i], sums[i].value, bound) << what << " " << i;
  }
}

template <class T>
struct Problem {
  explicit Problem(const Conv1dShape& shape) : s(shape) {
    std::mt19937 random(s.length * 31 + s.in_channels);
    x = test::random_values<T>(s.length * s.batch * s.in_channels, random);
    w = test::random_values<T>(s.out_channels * s.in_channels / s.groups * s.kernel_size, random);
    b = test::random_values<T>(s.out_channels, random);
    dy = test::random_values<T>(s.out_length() * s.batch * s.out_channels, random);
    y.assign(dy.size(), std::nan(""));
    dx.assign(x.size(), std::nan(""));
    dw = test::random_values<T>(w.size(), random);  // gradients of parameters are added to
    db = test::random_values<T>(b.size(), random);
  }
  template <class Context>
  void forward(const Context& context, bool bias) {
    test::Array input(context, x);
    test::Array weight(context, w);
    test::Array biases(context, b);
    test::Array output(context, y);
    conv1d_forward(context, Conv1dForward<T>{.shape = s,
                                             .input = input.data(),
                                             .weight = weight.data(),
                                             .bias = bias ? biases.data() : nullptr,
                                             .output = output.data()});
    y = output.host();
  }
  struct Wanted {
    bool input = true, weight = true, bias = true;
  };
  template <class Context>
  void backward(const Context& context, const Wanted& wanted) {
    test::Array input(context, x);
    test::Array weight(context, w);
    test::Array output_grad(context, dy);
    test::Array input_grad(context, dx);
    test::Array weight_grad(context, dw);
    test::Array bias_grad(context, db);
    conv1d_backward(context,
                    Conv1dBackward<T>{.shape = s,
                                      .input = input.data(),
                                      .weight = weight.data(),
                                      .output_grad = output_grad.data(),
                                      .input_grad = wanted.input ? input_grad.data() : nullptr,
                                      .weight_grad = wanted.weight ? weight_grad.data() : nullptr,
                                      .bias_grad = wanted.bias ? bias_grad.data() : nullptr});
    dx = input_grad.host();
    dw = weight_grad.host();
    db = bias_grad.host();
  }

  Conv1dShape s;
  std::vector<T> x, w, b, dy, y, dx, dw, db;
};

/// Calls f(output index, input index, weight index) for every product of the convolution.
template <class F>
void for_each_product(const Conv1dShape& s, F f) {
  const int64_t in = s.in_channels / s.groups, out = s.out_channels / s.groups;
  for (int64_t t = 0; t < s.out_length(); ++t) {
    for (int64_t k = 0; k < s.kernel_size; ++k) {
      const int64_t p = t * s.stride - s.padding + k * s.dilation;
      if (p < 0 || p >= s.length) continue;
      for (int64_t n = 0; n < s.batch; ++n) {
        for (int64_t o = 0; o < s.out_channels; ++o) {
          for (int64_t i = 0; i < in; ++i) {
            f((t * s.batch + n) * s.out_channels + o,
              (p * s.batch + n) * s.in_channels + o / out * in + i,
              (o * in + i) * s.kernel_size + k);
          }
        }
      }
    }
  }
}

template <class T, class Context>
void check_forward(const Context& context, const Conv1dShape& s, bool bias) {
  Problem<T> p(s);
  p.forward(context, bias);
  std::vector<Sum> y(p.y.size());
  for (std::size_t i = 0; bias && i < y.size(); ++i) y[i].add(p.b[i % s.out_channels]);
  for_each_product(s, [&](int64_t output, int64_t input, int64_t weight) {
    y[output].add(double(p.x[input]) * p.w[weight]);
  });
  expect_near(p.y, y, "output");
}

template <class T, class Context>
void check_backward(const Context& context, const Conv1dShape& s) {
  Problem<T> p(s);
  std::vector<Sum> dx(p.dx.size()), dw(p.dw.size()), db(p.db.size());
  for (std::size_t i = 0; i < dw.size(); ++i) dw[i].add(p.dw[i]);
  for (std::size_t i = 0; i < db.size(); ++i) db[i].add(p.db[i]);
  for (std::size_t i = 0; i < p.dy.size(); ++i) db[i % s.out_channels].add(p.dy[i]);
  for_each_product(s, [&](int64_t output, int64_t input, int64_t weight) {
    dx[input].add(double(p.dy[output]) * p.w[weight]);
    dw[weight].add(double(p.dy[output]) * p.x[input]);
  });
  p.backward(context, {});
  expect_near(p.dx, dx, "input_grad");
  expect_near(p.dw, dw, "weight_grad");
  expect_near(p.db, db, "bias_grad");
}

TEST(Conv1d, ForwardMatchesTheSum) {
  for (const Conv1dShape& shape : shapes()) {
    SCOPED_TRACE(describe(shape));
    test::on_each_device([&]<class T>(const auto& context, T) {
      check_forward<T>(context, shape, true);
      check_forward<T>(context, shape, false);
    });
  }
}

TEST(Conv1d, BackwardMatchesTheSums) {
  for (const Conv1dShape& shape : shapes()) {
    SCOPED_TRACE(describe(shape));
    test::on_each_device(
        [&]<class T>(const auto& context, T) { check_backward<T>(context, shape); });
  }
}

TEST(Conv1d, ComputesOnlyTheGradientsAskedFor) {
  test::on_each_device([]<class T>(const auto& context, T) {
    const Conv1dShape shape{9, 2, 3, 5, 3, 1, 1, 1, 1};
    const Problem<T> before(shape);
    Problem<T> all(shape), none(shape), one(shape);
    all.backward(context, {});
    none.backward(context, {.input = false, .weight = false, .bias = false});
    EXPECT_EQ(none.dw, before.dw);
    one.backward(context, {.input = false, .weight = true, .bias = false});
    EXPECT_EQ(one.dw, all.dw);
    EXPECT_EQ(one.db, before.db);
    EXPECT_NE(one.db, all.db);
    EXPECT_TRUE(std::isnan(one.dx[0]));
  });
}

TEST(Conv1d, RepeatsToTheBitWithAnyNumberOfThreads) {
  for (const Conv1dShape& shape :
       {Conv1dShape{40, 32, 64, 128, 3, 1, 1, 1, 1}, Conv1dShape{3, 200, 128, 128, 3, 1, 1, 1, 1},
        Conv1dShape{53, 5, 6, 9, 5, 2, 3, 2, 3}}) {
    SCOPED_TRACE(describe(shape));
    test::on_each_device([&]<class T>(const auto& context, T) {
      const auto run = [&] {
        Problem<T> p(shape);
        p.forward(context, true);
        p.backward(context, {});
        return std::vector{p.y, p.dx, p.dw, p.db};
      };
      const auto first = run();
      for (const auto& again : test::with_thread_counts(run)) EXPECT_TRUE(again == first);
    });
  }
}

}  // namespace
}  // namespace stroma::kernels
