#include "kernels/recurrent.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <memory>
#include <random>
#include <vector>

#include "tests/devices.h"
#include "tests/kernels/random_values.h"

namespace stroma::kernels {
namespace {

struct Case {
  int64_t steps, batch, hidden;
  bool reverse, last_only;
  std::vector<int32_t> lengths = {};  // [batch]; empty: all rows take all steps

  int64_t length(int64_t n) const { return lengths.empty() ? steps : lengths[n]; }
};

/// One direction in double, one number at a time: forward, then backward from random gradients.
/// Each row is walked by itself from end to end of its own length; beyond there are zeros.
struct Reference {
  std::vector<double> gates, cells, tanh_cells, output, gate_grads;

  Reference(const Case& c, const std::vector<double>& input, const std::vector<double>& weight,
            const std::vector<double>& bias, const std::vector<double>& output_grad)
      : gates(input.size()), cells(c.steps * c.batch * c.hidden), tanh_cells(cells), output(cells) {
    const int64_t hidden = c.hidden;
    const auto sigmoid = [](double z) { return 1 / (1 + std::exp(-z)); };
    const auto row = [&](int64_t walked, int64_t n) {
      return (c.reverse ? c.length(n) - 1 - walked : walked) * c.batch + n;
    };
    for (int64_t n = 0; n < c.batch; ++n) {
      for (int64_t walked = 0; walked < c.length(n); ++walked) {
        const int64_t r = row(walked, n), before = row(walked - 1, n);
        for (int64_t g = 0; g < 4 * hidden; ++g) {
          double z = input[r * 4 * hidden + g] + bias[g];
          for (int64_t k = 0; walked > 0 && k < hidden; ++k) {
            z += weight[g * hidden + k] * output[before * hidden + k];
          }
          gates[r * 4 * hidden + g] = g / hidden == 2 ? std::tanh(z) : sigmoid(z);
        }
        for (int64_t j = 0; j < hidden; ++j) {
          const double* gate = &gates[r * 4 * hidden + j];
          const double c_before = walked == 0 ? 0 : cells[before * hidden + j];
          cells[r * hidden + j] = gate[hidden] * c_before + gate[0] * gate[2 * hidden];
          tanh_cells[r * hidden + j] = std::tanh(cells[r * hidden + j]);
          output[r * hidden + j] = gate[3 * hidden] * tanh_cells[r * hidden + j];
        }
      }
    }
    gate_grads = gates;
    for (int64_t n = 0; n < c.batch; ++n) {
      std::vector<double> dh(hidden), dc(hidden);
      for (int64_t walked = c.length(n) - 1; walked >= 0; --walked) {
        const int64_t r = row(walked, n), before = row(walked - 1, n);
        for (int64_t j = 0; j < hidden; ++j) {
          const double* gate = &gates[r * 4 * hidden + j];
          double* grad = &gate_grads[r * 4 * hidden + j];
          const double i = gate[0], f = gate[hidden], g = gate[2 * hidden], o = gate[3 * hidden];
          const double t = tanh_cells[r * hidden + j];
          if (!c.last_only) dh[j] += output_grad[r * hidden + j];
          if (c.last_only && walked == c.steps - 1) dh[j] += output_grad[n * hidden + j];
          const double d = dc[j] + dh[j] * o * (1 - t * t);
          grad[0] = d * g * i * (1 - i);
          grad[hidden] = walked == 0 ? 0 : d * cells[before * hidden + j] * f * (1 - f);
          grad[2 * hidden] = d * i * (1 - g * g);
          grad[3 * hidden] = dh[j] * t * o * (1 - o);
          dc[j] = d * f;
        }
        for (int64_t k = 0; k < hidden; ++k) {
          dh[k] = 0;
          for (int64_t g = 0; g < 4 * hidden; ++g) {
            dh[k] += gate_grads[r * 4 * hidden + g] * weight[g * hidden + k];
          }
        }
      }
    }
  }
};

template <class T>
std::vector<T> rounded(const std::vector<double>& values) {
  return std::vector<T>(values.begin(), values.end());
}

template <class T>
void expect_near(const std::vector<T>& actual, const std::vector<double>& expected, double bound) {
  ASSERT_EQ(actual.size(), expected.size());
  for (std::size_t i = 0; i < actual.size(); ++i) ASSERT_NEAR(actual[i], expected[i], bound) << i;
}

/// Two directions at once, the other one walking the other way, as a bidirectional layer runs them.
template <class T, class Context>
void check(const Context& context, const Case& c) {
  std::mt19937 random(c.steps * 7919 + c.batch * 31 + c.hidden);
  const auto draw = [&](int64_t count, double bound) {
    std::vector<float> values = test::random_values<float>(count, random);
    std::vector<double> scaled(values.begin(), values.end());
    for (double& value : scaled) value = static_cast<float>(value * bound);
    return scaled;
  };
  const int64_t rows = c.steps * c.batch, cells = rows * c.hidden;
  struct Direction {
    Case c;
    std::vector<double> input, weight, bias_ih, bias_hh, output_grad;
    Reference expected;
    test::Array<T, Context> d_gates, d_weight, d_bias_ih, d_bias_hh, d_cells, d_tanh, d_output,
        d_final, d_grad;
  };
  std::vector<std::unique_ptr<Direction>> directions;
  for (const bool reverse : {c.reverse, !c.reverse}) {
    Case own = c;
    own.reverse = reverse;
    const auto input = draw(4 * cells, 1);
    const auto weight = draw(4 * c.hidden * c.hidden, 1 / std::sqrt(c.hidden));
    const auto bias_ih = draw(4 * c.hidden, 0.5), bias_hh = draw(4 * c.hidden, 0.5);
    std::vector<double> bias = bias_ih;
    for (std::size_t i = 0; i < bias.size(); ++i) bias[i] += bias_hh[i];
    const auto output_grad = draw(c.last_only ? c.batch * c.hidden : cells, 1);
    const auto nan = std::numeric_limits<T>::quiet_NaN();
    const auto poison = [&](int64_t count) { return std::vector<T>(count, nan); };
    directions.push_back(
        std::unique_ptr<Direction>(new Direction{own,
                                                 input,
                                                 weight,
                                                 bias_ih,
                                                 bias_hh,
                                                 output_grad,
                                                 Reference(own, input, weight, bias, output_grad),
                                                 {context, rounded<T>(input)},
                                                 {context, rounded<T>(weight)},
                                                 {context, rounded<T>(bias_ih)},
                                                 {context, rounded<T>(bias_hh)},
                                                 {context, poison(cells)},
                                                 {context, poison(cells)},
                                                 {context, poison(cells)},
                                                 {context, poison(c.batch * c.hidden)},
                                                 {context, rounded<T>(output_grad)}}));
  }

  test::Array lengths(context, c.lengths);
  std::vector<LstmForward<T>> forward;
  for (const auto& d : directions) {
    forward.push_back({.steps = c.steps,
                       .batch = c.batch,
                       .hidden_size = c.hidden,
                       .reverse = d->c.reverse,
                       .gates = d->d_gates.data(),
                       .weight_hh = d->d_weight.data(),
                       .bias_ih = d->d_bias_ih.data(),
                       .bias_hh = d->d_bias_hh.data(),
                       .cells = d->d_cells.data(),
                       .tanh_cells = d->d_tanh.data(),
                       .output = d->d_output.data(),
                       .output_stride = c.hidden,
                       .final_output = c.lengths.empty() ? d->d_final.data() : nullptr,
                       .final_output_stride = c.hidden,
                       .lengths = c.lengths.empty() ? nullptr : lengths.data()});
  }
  lstm_forward(context, std::span<const LstmForward<T>>(forward));
  // Sums before activation stay under 4 here, so each of their hidden + 3 additions errs by 2 ε at
  // most; slopes are at most 1, a cell adds up one such error a step, and the recurrence hands on
  // less than the double of an error a step: steps · 2^steps in all, steps ≤ 4.
  const double epsilon = std::numeric_limits<T>::epsilon();
  const double growth = static_cast<double>(c.steps << c.steps);
  const double bound = 2 * (c.hidden + 3) * epsilon * growth;
  for (const auto& d : directions) {
    expect_near(d->d_gates.host(), d->expected.gates, bound);
    expect_near(d->d_cells.host(), d->expected.cells, bound);
    expect_near(d->d_tanh.host(), d->expected.tanh_cells, bound);
    expect_near(d->d_output.host(), d->expected.output, bound);
    if (!c.lengths.empty()) continue;
    const int64_t last = (d->c.reverse ? 0 : c.steps - 1) * c.batch * c.hidden;
    const auto first = d->expected.output.begin() + last;
    expect_near(d->d_final.host(), std::vector<double>(first, first + c.batch * c.hidden), bound);
  }

  std::vector<LstmBackward<T>> backward;
  for (const auto& d : directions) {
    backward.push_back({.steps = c.steps,
                        .batch = c.batch,
                        .hidden_size = c.hidden,
                        .reverse = d->c.reverse,
                        .gates = d->d_gates.data(),
                        .weight_hh = d->d_weight.data(),
                        .cells = d->d_cells.data(),
                        .tanh_cells = d->d_tanh.data(),
                        .output_grad = d->d_grad.data(),
                        .output_grad_stride = c.hidden,
                        .last_only = c.last_only});
  }
  lstm_backward(context, std::span<const LstmBackward<T>>(backward));
  // The same with sums of 4 · hidden products, on top of the errors of the forward pass.
  for (const auto& d : directions) {
    expect_near(d->d_gates.host(), d->expected.gate_grads, 5 * bound);
  }
}

TEST(LstmRecurrence, MatchesItsDefinitionForwardAndBackward) {
  // Hidden sizes of 32, 64, 128 and 256 have a kernel of their own on GPUs; batches with a rest.
  for (const Case& c :
       {Case{1, 1, 1, false, false}, Case{2, 1, 3, true, false}, Case{3, 5, 7, false, true},
        Case{4, 9, 33, true, true}, Case{4, 6, 32, false, false}, Case{3, 5, 64, true, false},
        Case{3, 7, 128, false, true}, Case{2, 9, 256, true, true}, Case{1, 3, 128, false, true},
        Case{2, 2, 401, false, false}}) {
    SCOPED_TRACE(testing::Message()
                 << "steps " << c.steps << " batch " << c.batch << " hidden " << c.hidden
                 << (c.reverse ? " reverse" : "") << (c.last_only ? " last" : ""));
    test::on_each_device([&]<class T>(const auto& context, T) { check<T>(context, c); });
  }
}

TEST(LstmRecurrence, TakesEachRowToItsOwnLengthAndNoFurther) {
  const std::vector<int32_t> lengths{4, 1, 0, 3, 2, 1, 4, 2, 3};  // the first of them
  for (const int64_t hidden : {1, 33, 32, 64, 128, 256}) {
    SCOPED_TRACE(testing::Message() << "hidden " << hidden);
    const int64_t batch = hidden == 256 ? 3 : 9;
    const Case c{4, batch, hidden, false, false, {lengths.begin(), lengths.begin() + batch}};
    test::on_each_device([&]<class T>(const auto& context, T) { check<T>(context, c); });
  }
}

}  // namespace
}  // namespace stroma::kernels
