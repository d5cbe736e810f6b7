#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

#include "layers/multiply.h"
#include "layers/recurrent_layer.h"
#include "tests/golden.h"
#include "tests/gradient_check.h"
#include "tests/layers/limits.h"

namespace stroma {
namespace {

using test::random_tensor;

struct Sizes {
  int64_t length, batch, input, hidden;
  bool bidirectional;
};

// 1, odd, prime, and sizes past a vector's width or a tile.
const std::vector<Sizes> all_sizes{{1, 1, 1, 1, true},   {2, 1, 3, 1, false}, {5, 3, 2, 7, true},
                                   {3, 5, 2, 11, false}, {2, 2, 2, 17, true}, {13, 7, 1, 3, true}};

const std::vector<Cell> cells{Cell::lstm, Cell::gru, Cell::rnn_tanh, Cell::rnn_relu};

/// [weight_ih, weight_hh, bias_ih, bias_hh] of each direction.
std::vector<Tensor> random_weights(Cell cell, const Sizes& s, std::mt19937& random) {
  const int64_t gates = kernels::gates_of(cell) * s.hidden;
  std::vector<Tensor> weights;
  for (int direction = 0; direction < (s.bidirectional ? 2 : 1); ++direction) {
    weights.push_back(random_tensor({gates, s.input}, random));
    weights.push_back(random_tensor({gates, s.hidden}, random));
    weights.push_back(random_tensor({gates}, random));
    weights.push_back(random_tensor({gates}, random));
  }
  return weights;
}

std::vector<RecurrentWeights> as_weights(const std::vector<Variable>& v, std::size_t first) {
  std::vector<RecurrentWeights> directions;
  for (std::size_t i = first; i < v.size(); i += 4) {
    directions.push_back({v[i], v[i + 1], v[i + 2], v[i + 3]});
  }
  return directions;
}

/// The definition, one number at a time; in `final`, what each direction ends with.
std::vector<double> reference(Cell cell, const Sizes& s, const Tensor& input,
                              const std::vector<Tensor>& w, std::vector<double>& final) {
  const int64_t width = s.hidden * (s.bidirectional ? 2 : 1);
  const int64_t gates = kernels::gates_of(cell) * s.hidden;
  std::vector<double> output(s.length * s.batch * width);
  final.assign(s.batch * width, 0);
  const double* x = std::as_const(input).data<double>();
  const auto sigmoid = [](double z) { return 1 / (1 + std::exp(-z)); };
  for (int64_t direction = 0; direction * s.hidden < width; ++direction) {
    const auto weight = [&](int64_t which) {
      return std::as_const(w[4 * direction + which]).data<double>();
    };
    for (int64_t n = 0; n < s.batch; ++n) {
      std::vector<double> h(s.hidden), c(s.hidden);
      for (int64_t walked = 0; walked < s.length; ++walked) {
        const int64_t t = direction == 0 ? walked : s.length - 1 - walked;
        std::vector<double> share(gates), product(gates);
        for (int64_t g = 0; g < gates; ++g) {
          share[g] = weight(2)[g];
          product[g] = weight(3)[g];
          for (int64_t i = 0; i < s.input; ++i) {
            share[g] += weight(0)[g * s.input + i] * x[(t * s.batch + n) * s.input + i];
          }
          for (int64_t j = 0; j < s.hidden; ++j) product[g] += weight(1)[g * s.hidden + j] * h[j];
        }
        for (int64_t j = 0; j < s.hidden; ++j) {
          const auto z = [&](int64_t g) {
            return share[g * s.hidden + j] + product[g * s.hidden + j];
          };
          if (cell == Cell::lstm) {
            c[j] = sigmoid(z(1)) * c[j] + sigmoid(z(0)) * std::tanh(z(2));
            h[j] = sigmoid(z(3)) * std::tanh(c[j]);
          } else if (cell == Cell::gru) {
            const double update = sigmoid(z(1)), at = 2 * s.hidden + j;
            const double next = std::tanh(share[at] + sigmoid(z(0)) * product[at]);
            h[j] = (1 - update) * next + update * h[j];
          } else {
            h[j] = cell == Cell::rnn_tanh ? std::tanh(z(0)) : std::max(z(0), 0.0);
          }
          output[(t * s.batch + n) * width + direction * s.hidden + j] = h[j];
          final[n * width + direction * s.hidden + j] = h[j];
        }
      }
    }
  }
  return output;
}

TEST(Recurrent, MatchesItsDefinitionInDouble) {
  std::mt19937 random(5);
  for (const Cell cell : cells) {
    for (const Sizes& s : all_sizes) {
      const Tensor input = random_tensor({s.length, s.batch, s.input}, random);
      const std::vector<Tensor> weights = random_weights(cell, s, random);
      const std::vector<Variable> variables(weights.begin(), weights.end());
      const std::vector<RecurrentWeights> directions = as_weights(variables, 0);
      std::vector<double> final;
      const std::vector<double> all = reference(cell, s, input, weights, final);
      const std::vector<double> last(all.end() - std::ssize(final), all.end());
      for (const auto& [output, expected] :
           {std::pair{RecurrentOutput::all, all}, std::pair{RecurrentOutput::last, last},
            std::pair{RecurrentOutput::final, final}}) {
        const std::vector<double> actual =
            recurrent(cell, Variable(input), directions, output).value().to_vector<double>();
        ASSERT_EQ(actual.size(), expected.size());
        // Where |h| < 1 a step multiplies errors by at most a small factor: 1e-12 is far above
        // rounding (sums of under 60 products of numbers under 1, 13 steps) and far below any
        // mistake. A relu's h grows with its errors.
        for (std::size_t i = 0; i < actual.size(); ++i) {
          ASSERT_NEAR(actual[i], expected[i], 1e-12 * std::max(1.0, std::abs(expected[i])));
        }
      }
    }
  }
}

void check_gradients_of(Cell cell, const Sizes& s, RecurrentOutput output) {
  SCOPED_TRACE(testing::Message() << "cell " << static_cast<int>(cell) << ": " << s.length << " "
                                  << s.batch << " " << s.input << " " << s.hidden << ", output "
                                  << static_cast<int>(output));
  std::mt19937 random(6);
  std::vector<Tensor> inputs{random_tensor({s.length, s.batch, s.input}, random)};
  for (const Tensor& weight : random_weights(cell, s, random)) inputs.push_back(weight);
  const bool one_step = s.bidirectional && output == RecurrentOutput::last;
  if (one_step) {
    // The reverse direction starts at the position that is read: W_hh has no part in it.
    const Variable weight(inputs[6], true);
    std::vector<Variable> v(inputs.begin(), inputs.end());
    v[6] = weight;
    const Variable result = recurrent(cell, v[0], as_weights(v, 1), output);
    backward(test::weighted_sum(result, std::vector<double>(result.value().count(), 1.0)));
    for (const double g : weight.grad().to_vector<double>()) ASSERT_EQ(g, 0);
  }
  test::check_gradients(
      [&](const std::vector<Variable>& v) {
        return recurrent(cell, v[0], as_weights(v, 1), output);
      },
      inputs);
}

TEST(Recurrent, GradientMatchesFiniteDifferences) {
  for (const Cell cell : cells) {
    for (const Sizes& s : all_sizes) {
      for (const auto output :
           {RecurrentOutput::all, RecurrentOutput::last, RecurrentOutput::final}) {
        check_gradients_of(cell, s, output);
      }
    }
  }
}

void expect_equal(const Tensor& actual, const Tensor& expected) {
  const std::vector<double> a = actual.to_vector<double>(), e = expected.to_vector<double>();
  ASSERT_EQ(a.size(), e.size());
  // Both compute in double; only the order of sums differs.
  for (std::size_t i = 0; i < a.size(); ++i) ASSERT_NEAR(a[i], e[i], 1e-13 * (1 + std::abs(e[i])));
}

struct GoldenCase {
  const char *file, *name;
  RecurrentOptions options;
};

void check_golden(const GoldenCase& c) {
  SCOPED_TRACE(c.name);
  const std::map<std::string, Tensor> golden = test::load_golden(c.file);
  const auto tensor = [&](const std::string& key) { return golden.at(c.name + ("." + key)); };
  InitialWeights init{.dtype = DType::float64};
  Recurrent layer(tensor("input").shape()[2], c.options, init, TrainingClock{}, 0);
  for (NamedParameter& parameter : layer.parameters()) {
    parameter.variable.value().copy_from(tensor(parameter.name));
  }
  Variable input(tensor("input"), true);
  const Variable output = layer.forward(input);
  ASSERT_EQ(output.shape(), tensor("output").shape());
  backward(test::weighted_sum(output, tensor("output_grad").to_vector<double>()));
  expect_equal(output.value(), tensor("output"));
  expect_equal(input.grad(), tensor("input_grad"));
  for (const NamedParameter& parameter : layer.parameters()) {
    SCOPED_TRACE(parameter.name);
    expect_equal(parameter.variable.grad(), tensor(parameter.name + "_grad"));
  }
}

TEST(Recurrent, MatchesPyTorch) {
  const auto all = RecurrentOutput::all, last = RecurrentOutput::last,
             final = RecurrentOutput::final;
  for (const GoldenCase& c :
       {GoldenCase{"lstm", "both", {Cell::lstm, 4, 2, true, 0, all}},
        GoldenCase{"lstm", "both_last", {Cell::lstm, 4, 2, true, 0, last}},
        GoldenCase{"lstm", "forward", {Cell::lstm, 6, 1, false, 0, all}},
        GoldenCase{"lstm", "forward_last", {Cell::lstm, 6, 1, false, 0, last}},
        GoldenCase{"lstm", "one", {Cell::lstm, 1, 2, true, 0, last}},
        GoldenCase{"recurrent", "lstm_final", {Cell::lstm, 4, 2, true, 0, final}},
        GoldenCase{"recurrent", "gru", {Cell::gru, 4, 2, true, 0, all}},
        GoldenCase{"recurrent", "gru_last", {Cell::gru, 6, 1, false, 0, last}},
        GoldenCase{"recurrent", "gru_final", {Cell::gru, 4, 2, true, 0, final}},
        GoldenCase{"recurrent", "gru_one", {Cell::gru, 1, 2, true, 0, last}},
        GoldenCase{"recurrent", "tanh", {Cell::rnn_tanh, 4, 2, true, 0, all}},
        GoldenCase{"recurrent", "tanh_last", {Cell::rnn_tanh, 5, 1, true, 0, last}},
        GoldenCase{"recurrent", "relu", {Cell::rnn_relu, 4, 2, true, 0, all}},
        GoldenCase{"recurrent", "relu_final", {Cell::rnn_relu, 6, 1, true, 0, final}}}) {
    check_golden(c);
  }
}

TEST(Recurrent, FloatStaysWithinItsRoundingOfDouble) {
  const Sizes s{20, 33, 37, 65, true};
  for (const Cell cell : cells) {
    std::mt19937 random(7);
    std::vector<Tensor> inputs{random_tensor({s.length, s.batch, s.input}, random)};
    for (const Tensor& weight : random_weights(cell, s, random)) {
      // PyTorch's range: ±1/√hidden, where the recurrence does not amplify.
      for (double& w : std::span(Tensor(weight).data<double>(), weight.count())) w /= 8;
      inputs.push_back(weight);
    }
    std::vector<Variable> in_double, in_float;
    for (const Tensor& input : inputs) {
      const std::vector<double> values = input.to_vector<double>();
      const std::vector<float> rounded(values.begin(), values.end());
      in_float.emplace_back(Tensor::of(rounded, input.shape()), true);
      in_double.emplace_back(
          Tensor::of(std::vector<double>(rounded.begin(), rounded.end()), input.shape()), true);
    }
    const std::vector<double> expected =
        recurrent(cell, in_double[0], as_weights(in_double, 1), RecurrentOutput::all)
            .value()
            .to_vector<double>();
    const std::vector<float> actual =
        recurrent(cell, in_float[0], as_weights(in_float, 1), RecurrentOutput::all)
            .value()
            .to_vector<float>();
    // A gate is a sum of 37 + 65 + 2 products under 1/8 each: at most 104 · ε · 13 apart, and σ′ ≤
    // 1/4; over 20 steps the cell adds them up: 20 · 104 · 13 / 4 · ε = 8e-4 is the worst case, a
    // hundredth of it what random signs leave.
    for (std::size_t i = 0; i < actual.size(); ++i) ASSERT_NEAR(actual[i], expected[i], 8e-6);
  }
}

/// Σ x, with its gradient, in float.
Variable sum(const Variable& x) {
  float total = 0;
  for (const float value : x.value().to_vector<float>()) total += value;
  return make_result(Tensor::of<float>({total}, {1}), {x}, [x](const Tensor&) mutable {
    x.add_grad(Tensor::of(std::vector<float>(x.value().count(), 1.0f), x.shape()));
  });
}

TEST(Recurrent, GivesTheSameBitsAgain) {
  const Sizes s{9, 11, 13, 31, true};
  for (const Cell cell : cells) {
    std::mt19937 random(8);
    std::vector<Variable> v;
    v.emplace_back(random_tensor({s.length, s.batch, s.input}, random), true);
    for (const Tensor& weight : random_weights(cell, s, random)) v.emplace_back(weight, true);
    for (Variable& variable : v) {
      const std::vector<double> values = variable.value().to_vector<double>();
      variable = Variable(
          Tensor::of(std::vector<float>(values.begin(), values.end()), variable.shape()), true);
    }
    const auto run = [&] {
      std::vector<std::vector<float>> results;
      const Variable output = recurrent(cell, v[0], as_weights(v, 1), RecurrentOutput::last);
      results.push_back(output.value().to_vector<float>());
      backward(sum(output));
      for (Variable& variable : v) {
        results.push_back(variable.grad().to_vector<float>());
        variable.zero_grad();
      }
      return results;
    };
    EXPECT_EQ(run(), run());
  }
}

std::vector<Tensor> inputs_at_limits(Cell cell, int64_t length, int64_t batch, int64_t hidden) {
  const int64_t gates = kernels::gates_of(cell) * hidden;
  std::mt19937 random(5);
  const double scale = 1 / std::sqrt(static_cast<double>(hidden));
  return {random_tensor({length, batch, 1}, random),
          random_tensor({gates, 1}, random, -scale, scale),
          random_tensor({gates, hidden}, random, -scale, scale), random_tensor({gates}, random),
          random_tensor({gates}, random)};
}

/// So that the gradients that check_float gives, all of one sign, do not add up to numbers so large
/// that one example is lost in their rounding.
Variable with_random_signs(const Variable& h) {
  std::mt19937 random(11);
  Tensor signs = random_tensor(h.shape(), random);
  for (double& sign : std::span(signs.data<double>(), signs.count())) sign = sign < 0 ? -1 : 1;
  return multiply(h, Variable(test::like(h.value(), signs)));
}

TEST(Recurrent, DoesTheLargestHiddenSizeBatchAndLength) {
  // A relu's h may grow without bound along so many steps.
  for (const Cell cell : {Cell::lstm, Cell::gru, Cell::rnn_tanh}) {
    SCOPED_TRACE(testing::Message() << "cell " << static_cast<int>(cell));
    const auto layer = [&](const std::vector<Variable>& v) {
      return with_random_signs(
          recurrent(cell, v[0], {{v[1], v[2], v[3], v[4]}}, RecurrentOutput::all));
    };
    // Sums of 4 · 1,024 products of at most 1/32: at the very most 4,096 · 2⁻²⁴ · 128.
    test::check_float(layer, inputs_at_limits(cell, 3, 1, test::most_hidden), 0.03);
    test::check_float(layer, inputs_at_limits(cell, 2, test::most_examples, 1),
                      test::bound_at_limits);
    test::check_float(layer, inputs_at_limits(cell, test::most_letters, 1, 1),
                      test::bound_at_limits);
  }
}

}  // namespace
}  // namespace stroma
