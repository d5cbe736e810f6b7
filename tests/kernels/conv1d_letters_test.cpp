#include "kernels/conv1d_letters.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/devices.h"
#include "tests/kernels/random_values.h"
#include "tests/kernels/threads.h"

namespace stroma::kernels {
namespace {

struct Options {
  Conv1dShape shape;
  bool standardize = false, relu = false, bias = true;
};

std::string describe(const Options& o) {
  const Conv1dShape& s = o.shape;
  return (testing::Message() << "length " << s.length << " batch " << s.batch << " letters "
                             << s.in_channels << " out " << s.out_channels << " kernel "
                             << s.kernel_size << " stride " << s.stride << " padding " << s.padding
                             << " at the end " << s.end_padding << " dilation " << s.dilation
                             << " standardize " << o.standardize << " relu " << o.relu << " bias "
                             << o.bias)
      .GetString();
}

/// Every kind of extent and every option.
std::vector<Options> cases() {
  std::vector<Options> all{{{40, 32, 4, 64, 3, 1, 1, 1, 1}, true, true},
                           {{1, 1, 1, 1, 1, 1, 0, 1, 1}},
                           {{203, 3, 26, 37, 11, 2, 5, 3, 1}, true},
                           {{5, 2, 4, 17, 3, 1, 9, 1, 1}, true, true},  // taps in padding alone
                           {{7, 75, 4, 3, 3, 1, 1, 1, 1}, true, true},
                           {{29, 2, 26, 33, 15, 1, 7, 1, 1}, true, true},  // a large table
                           {{9, 3, 150, 5, 3, 1, 1, 1, 1}, true}};
  std::mt19937 random(19);
  const auto draw = [&](int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(random);
  };
  while (all.size() < 150) {
    const Conv1dShape s{.length = draw(1, 45),
                        .batch = draw(1, 9),
                        .in_channels = draw(0, 1) ? 4 : draw(1, 26),
                        .out_channels = draw(1, 70),
                        .kernel_size = draw(1, 9),
                        .stride = draw(1, 4),
                        .padding = draw(0, 5),
                        .dilation = draw(1, 3),
                        .end_padding = draw(0, 2) / 2};
    if (s.padded_length() > s.dilation * (s.kernel_size - 1)) {
      all.push_back({s, draw(0, 1) == 1, draw(0, 1) == 1, draw(0, 3) > 0});
    }
  }
  return all;
}

template <class T>
struct Problem {
  explicit Problem(const Options& options) : o(options) {
    const Conv1dShape& s = o.shape;
    std::mt19937 random(s.length * 31 + s.out_channels);
    codes.resize(s.length + 50);
    for (uint8_t& code : codes) {  // one letter in ten is unknown
      code = random() % 10 == 0 ? (random() % 2 ? 255 : s.in_channels) : random() % s.in_channels;
    }
    for (int64_t n = 0; n < s.batch; ++n) starts.push_back(random() % 51);
    mean = test::random_values<T>(s.length * s.in_channels, random);
    inverse_sd = test::random_values<T>(s.length * s.in_channels, random);
    weight = test::random_values<T>(s.out_channels * s.in_channels * s.kernel_size, random);
    bias = test::random_values<T>(s.out_channels, random);
    output_grad = test::random_values<T>(s.out_length() * s.batch * s.out_channels, random);
    output.assign(output_grad.size(), std::nan(""));
    weight_grad = test::random_values<T>(weight.size(), random);
    bias_grad = test::random_values<T>(bias.size(), random);
  }

  template <class Context>
  void forward(const Context& context) {
    OnDevice<Context> d(context, *this);
    test::Array weights(context, weight);
    test::Array biases(context, bias);
    test::Array y(context, output);
    conv1d_letters_forward(context,
                           Conv1dLettersForward<T>{.shape = o.shape,
                                                   .windows = d.windows(),
                                                   .standardization = d.standardization(),
                                                   .weight = weights.data(),
                                                   .bias = o.bias ? biases.data() : nullptr,
                                                   .relu = o.relu,
                                                   .output = y.data()});
    output = y.host();
  }
  template <class Context>
  void backward(const Context& context) {
    OnDevice<Context> d(context, *this);
    test::Array y(context, output);
    test::Array dy(context, output_grad);
    test::Array dw(context, weight_grad);
    test::Array db(context, bias_grad);
    conv1d_letters_backward(context,
                            Conv1dLettersBackward<T>{.shape = o.shape,
                                                     .windows = d.windows(),
                                                     .standardization = d.standardization(),
                                                     .relu = o.relu,
                                                     .output = y.data(),
                                                     .output_grad = dy.data(),
                                                     .weight_grad = dw.data(),
                                                     .bias_grad = o.bias ? db.data() : nullptr});
    weight_grad = dw.host();
    bias_grad = db.host();
  }
  /// The one-hot input [p, n, a], by the formula, in float64.
  double input(int64_t p, int64_t n, int64_t a) const {
    const double one = codes[starts[n] + p] == a;
    const int64_t at = p * o.shape.in_channels + a;
    return o.standardize ? (one - mean[at]) * inverse_sd[at] : one;
  }

  /// The letters and their standardisation in a device's memory.
  template <class Context>
  struct OnDevice {
    OnDevice(const Context& context, const Problem& p)
        : standardize(p.o.standardize),
          codes(context, p.codes),
          starts(context, p.starts),
          mean(context, p.mean),
          inverse_sd(context, p.inverse_sd) {}
    LetterWindows windows() { return {codes.data(), starts.data()}; }
    Standardization<T> standardization() {
      return standardize ? Standardization<T>{mean.data(), inverse_sd.data()}
                         : Standardization<T>{};
    }
    bool standardize;
    test::Array<uint8_t, Context> codes;
    test::Array<int64_t, Context> starts;
    test::Array<T, Context> mean, inverse_sd;
  };

  Options o;
  std::vector<uint8_t> codes;
  std::vector<int64_t> starts;
  std::vector<T> mean, inverse_sd, weight, bias, output_grad, output, weight_grad, bias_grad;
};

/// Calls f(output index, p, n, a, weight index) for every product of the convolution.
template <class F>
void for_each_product(const Conv1dShape& s, F f) {
  for (int64_t t = 0; t < s.out_length(); ++t) {
    for (int64_t k = 0; k < s.kernel_size; ++k) {
      const int64_t p = t * s.stride - s.padding + k * s.dilation;
      if (p < 0 || p >= s.length) continue;
      for (int64_t n = 0; n < s.batch; ++n) {
        for (int64_t o = 0; o < s.out_channels; ++o) {
          for (int64_t a = 0; a < s.in_channels; ++a) {
            f((t * s.batch + n) * s.out_channels + o, p, n, a,
              (o * s.in_channels + a) * s.kernel_size + k);
          }
        }
      }
    }
  }
}

/// Folding splits each term w (1 − m) s into w s and −w m s, and the gradient's into Σ g and −m Σ
/// g: so the terms that are summed have magnitudes of at most |w| (1 + |m|) |s| ≤ 2 |w|, each with
/// four roundings, and n terms in any order err by at most (n + 4) ε times the sum of the
/// magnitudes.
template <class T, class Context>
void check(const Context& context, const Options& options) {
  Problem<T> p(options);
  const Conv1dShape& s = options.shape;
  const double epsilon = std::numeric_limits<T>::epsilon();
  p.forward(context);
  std::vector<double> y(p.output.size(), 0), y_size(p.output.size(), 0);
  for (std::size_t i = 0; options.bias && i < y.size(); ++i) {
    y[i] = p.bias[i % s.out_channels];
    y_size[i] = std::abs(y[i]);
  }
  for_each_product(s, [&](int64_t output, int64_t position, int64_t n, int64_t a, int64_t weight) {
    y[output] += p.input(position, n, a) * p.weight[weight];
    y_size[output] += 2 * std::abs(p.weight[weight]);
  });
  const int64_t terms = 2 * s.kernel_size * s.in_channels + 1;
  for (std::size_t i = 0; i < y.size(); ++i) {
    const double expected = options.relu ? std::max(y[i], 0.0) : y[i];
    ASSERT_NEAR(p.output[i], expected, (terms + 4) * epsilon * y_size[i]) << "output " << i;
  }

  const auto gradient = [&](int64_t output) {
    return options.relu && !(p.output[output] > 0) ? 0.0 : double(p.output_grad[output]);
  };
  std::vector<double> dw(p.weight_grad.begin(), p.weight_grad.end()), dw_size(dw.size());
  std::vector<double> db(p.bias_grad.begin(), p.bias_grad.end()), db_size(db.size());
  for (std::size_t i = 0; i < dw.size(); ++i) dw_size[i] = std::abs(dw[i]);
  for (std::size_t i = 0; i < db.size(); ++i) db_size[i] = std::abs(db[i]);
  for_each_product(s, [&](int64_t output, int64_t position, int64_t n, int64_t a, int64_t weight) {
    dw[weight] += p.input(position, n, a) * gradient(output);
    dw_size[weight] += 2 * std::abs(gradient(output));
  });
  for (std::size_t i = 0; options.bias && i < p.output.size(); ++i) {
    db[i % s.out_channels] += gradient(i);
    db_size[i % s.out_channels] += std::abs(gradient(i));
  }
  p.backward(context);
  const int64_t rows = s.out_length() * s.batch;
  for (std::size_t i = 0; i < dw.size(); ++i) {
    ASSERT_NEAR(p.weight_grad[i], dw[i], (2 * rows + 4) * epsilon * dw_size[i])
        << "weight_grad " << i;
  }
  for (std::size_t i = 0; i < db.size(); ++i) {
    ASSERT_NEAR(p.bias_grad[i], db[i], (rows + 1) * epsilon * db_size[i]) << "bias_grad " << i;
  }
}

TEST(Conv1dLetters, ForwardAndBackwardMatchTheSumsOverOneHotInput) {
  for (const Options& options : cases()) {
    SCOPED_TRACE(describe(options));
    test::on_each_device([&]<class T>(const auto& context, T) { check<T>(context, options); });
  }
}

TEST(Conv1dLetters, RepeatsToTheBitWithAnyNumberOfThreads) {
  test::on_each_device([]<class T>(const auto& context, T) {
    const auto run = [&] {
      Problem<T> p({{40, 32, 4, 64, 3, 1, 1, 1, 1}, true, true});
      p.forward(context);
      p.backward(context);
      return std::vector{p.output, p.weight_grad, p.bias_grad};
    };
    const auto first = run();
    for (const auto& again : test::with_thread_counts(run)) EXPECT_TRUE(again == first);
  });
}

TEST(OneHot, WritesTheStandardisedInputAndZerosForUnknownLetters) {
  for (const bool standardize : {false, true}) {
    test::on_each_device([&]<class T>(const auto& context, T) {
      const Problem<T> p({{37, 5, 6, 1, 1}, standardize});
      typename Problem<T>::template OnDevice<std::decay_t<decltype(context)>> d(context, p);
      test::Array output(context, std::vector<T>(37 * 5 * 6, std::nan("")));
      one_hot(context, OneHot<T>{.length = 37,
                                 .batch = 5,
                                 .letters = 6,
                                 .windows = d.windows(),
                                 .standardization = d.standardization(),
                                 .output = output.data()});
      const std::vector<T> values = output.host();
      // A difference and a product, each rounded once.
      for (int64_t i = 0; i < int64_t{37} * 5 * 6; ++i) {
        const double expected = p.input(i / 30, i / 6 % 5, i % 6);
        ASSERT_NEAR(values[i], expected, std::numeric_limits<T>::epsilon() * std::abs(expected))
            << i;
      }
    });
  }
}

}  // namespace
}  // namespace stroma::kernels
