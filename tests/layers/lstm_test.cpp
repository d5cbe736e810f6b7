#include "layers/lstm.h"

#include <gtest/gtest.h>

#include <cmath>
#include <span>
#include <utility>

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

/// [weight_ih, weight_hh, bias_ih, bias_hh] of each direction.
std::vector<Tensor> random_weights(const Sizes& s, std::mt19937& random) {
  std::vector<Tensor> weights;
  for (int direction = 0; direction < (s.bidirectional ? 2 : 1); ++direction) {
    weights.push_back(random_tensor({4 * s.hidden, s.input}, random));
    weights.push_back(random_tensor({4 * s.hidden, s.hidden}, random));
    weights.push_back(random_tensor({4 * s.hidden}, random));
    weights.push_back(random_tensor({4 * s.hidden}, random));
  }
  return weights;
}

std::vector<LstmWeights> as_weights(const std::vector<Variable>& v, std::size_t first) {
  std::vector<LstmWeights> directions;
  for (std::size_t i = first; i < v.size(); i += 4) {
    directions.push_back({v[i], v[i + 1], v[i + 2], v[i + 3]});
  }
  return directions;
}

/// The definition, one number at a time.
std::vector<double> reference(const Sizes& s, const Tensor& input, const std::vector<Tensor>& w) {
  const int64_t width = s.hidden * (s.bidirectional ? 2 : 1);
  std::vector<double> output(s.length * s.batch * width);
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
        std::vector<double> z(4 * s.hidden);
        for (int64_t g = 0; g < 4 * s.hidden; ++g) {
          z[g] = weight(2)[g] + weight(3)[g];
          for (int64_t i = 0; i < s.input; ++i) {
            z[g] += weight(0)[g * s.input + i] * x[(t * s.batch + n) * s.input + i];
          }
          for (int64_t j = 0; j < s.hidden; ++j) z[g] += weight(1)[g * s.hidden + j] * h[j];
        }
        for (int64_t j = 0; j < s.hidden; ++j) {
          const double candidate = std::tanh(z[2 * s.hidden + j]);
          c[j] = sigmoid(z[s.hidden + j]) * c[j] + sigmoid(z[j]) * candidate;
          h[j] = sigmoid(z[3 * s.hidden + j]) * std::tanh(c[j]);
          output[(t * s.batch + n) * width + direction * s.hidden + j] = h[j];
        }
      }
    }
  }
  return output;
}

TEST(Lstm, MatchesItsDefinitionInDouble) {
  std::mt19937 random(5);
  for (const Sizes& s : all_sizes) {
    const Tensor input = random_tensor({s.length, s.batch, s.input}, random);
    const std::vector<Tensor> weights = random_weights(s, random);
    const std::vector<Variable> variables(weights.begin(), weights.end());
    const std::vector<double> expected = reference(s, input, weights);
    const std::vector<LstmWeights> directions = as_weights(variables, 0);
    const std::vector<double> all =
        lstm_layer(Variable(input), directions, false).value().to_vector<double>();
    const std::vector<double> last =
        lstm_layer(Variable(input), directions, true).value().to_vector<double>();
    ASSERT_EQ(all.size(), expected.size());
    // |h| < 1 and a step multiplies errors by at most a small factor: 1e-12 is far above rounding
    // (sums of under 60 products of numbers under 1, 13 steps) and far below any mistake.
    for (std::size_t i = 0; i < all.size(); ++i) ASSERT_NEAR(all[i], expected[i], 1e-12);
    const std::size_t skipped = expected.size() - last.size();
    for (std::size_t i = 0; i < last.size(); ++i) {
      ASSERT_NEAR(last[i], expected[skipped + i], 1e-12);
    }
  }
}

TEST(Lstm, GradientMatchesFiniteDifferences) {
  std::mt19937 random(6);
  for (const Sizes& s : all_sizes) {
    for (const bool last_only : {false, true}) {
      SCOPED_TRACE(testing::Message() << s.length << " " << s.batch << " " << s.input << " "
                                      << s.hidden << (last_only ? " last" : " all"));
      std::vector<Tensor> inputs{random_tensor({s.length, s.batch, s.input}, random)};
      for (const Tensor& weight : random_weights(s, random)) inputs.push_back(weight);
      if (s.bidirectional && last_only) {
        // The reverse direction starts at the position that is read: W_hh has no part in it.
        const Variable weight(inputs[6], true);
        std::vector<Variable> v(inputs.begin(), inputs.end());
        v[6] = weight;
        const Variable result = lstm_layer(v[0], as_weights(v, 1), true);
        backward(test::weighted_sum(result, std::vector<double>(result.value().count(), 1.0)));
        for (const double g : weight.grad().to_vector<double>()) ASSERT_EQ(g, 0);
      }
      test::check_gradients(
          [&](const std::vector<Variable>& v) {
            return lstm_layer(v[0], as_weights(v, 1), last_only);
          },
          inputs);
    }
  }
}

TEST(Lstm, MatchesPyTorch) {
  const std::map<std::string, Tensor> golden = test::load_golden("lstm");
  struct Case {
    const char* name;
    LstmOptions options;
  };
  for (const auto& [name, options] :
       {Case{"both", {4, 2, true, 0, false}}, Case{"both_last", {4, 2, true, 0, true}},
        Case{"forward", {6, 1, false, 0, false}}, Case{"forward_last", {6, 1, false, 0, true}},
        Case{"one", {1, 2, true, 0, true}}}) {
    SCOPED_TRACE(name);
    const auto tensor = [&, prefix = std::string(name)](const std::string& key) {
      return golden.at(prefix + "." + key);
    };
    InitialWeights init{.dtype = DType::float64};
    Lstm lstm(tensor("input").shape()[2], options, init, TrainingClock{}, 0);
    for (NamedParameter& parameter : lstm.parameters()) {
      parameter.variable.value().copy_from(tensor(parameter.name));
    }
    Variable input(tensor("input"), true);
    const Variable output = lstm.forward(input);
    ASSERT_EQ(output.shape(), tensor("output").shape());
    backward(test::weighted_sum(output, tensor("output_grad").to_vector<double>()));
    const auto expect_equal = [](const Tensor& actual, const Tensor& expected) {
      const std::vector<double> a = actual.to_vector<double>(), e = expected.to_vector<double>();
      ASSERT_EQ(a.size(), e.size());
      // Both compute in double; only the order of sums differs.
      for (std::size_t i = 0; i < a.size(); ++i)
        ASSERT_NEAR(a[i], e[i], 1e-13 * (1 + std::abs(e[i])));
    };
    expect_equal(output.value(), tensor("output"));
    expect_equal(input.grad(), tensor("input_grad"));
    for (const NamedParameter& parameter : lstm.parameters()) {
      SCOPED_TRACE(parameter.name);
      expect_equal(parameter.variable.grad(), tensor(parameter.name + "_grad"));
    }
  }
}

TEST(Lstm, FloatStaysWithinItsRoundingOfDouble) {
  const Sizes s{20, 33, 37, 65, true};
  std::mt19937 random(7);
  std::vector<Tensor> inputs{random_tensor({s.length, s.batch, s.input}, random)};
  for (const Tensor& weight : random_weights(s, random)) {
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
      lstm_layer(in_double[0], as_weights(in_double, 1), false).value().to_vector<double>();
  const std::vector<float> actual =
      lstm_layer(in_float[0], as_weights(in_float, 1), false).value().to_vector<float>();
  // A gate is a sum of 37 + 65 + 2 products under 1/8 each: at most 104 · ε · 13 apart, and σ′ ≤
  // 1/4; over 20 steps the cell adds them up: 20 · 104 · 13 / 4 · ε = 8e-4 is the worst case, a
  // hundredth of it what random signs leave.
  for (std::size_t i = 0; i < actual.size(); ++i) ASSERT_NEAR(actual[i], expected[i], 8e-6);
}

/// Σ x, with its gradient, in float.
Variable sum(const Variable& x) {
  float total = 0;
  for (const float value : x.value().to_vector<float>()) total += value;
  return make_result(Tensor::of<float>({total}, {1}), {x}, [x](const Tensor&) mutable {
    x.add_grad(Tensor::of(std::vector<float>(x.value().count(), 1.0f), x.shape()));
  });
}

TEST(Lstm, GivesTheSameBitsAgain) {
  const Sizes s{9, 11, 13, 31, true};
  std::mt19937 random(8);
  std::vector<Variable> v;
  v.emplace_back(random_tensor({s.length, s.batch, s.input}, random), true);
  for (const Tensor& weight : random_weights(s, random)) v.emplace_back(weight, true);
  for (Variable& variable : v) {
    const std::vector<double> values = variable.value().to_vector<double>();
    variable = Variable(
        Tensor::of(std::vector<float>(values.begin(), values.end()), variable.shape()), true);
  }
  const auto run = [&] {
    std::vector<std::vector<float>> results;
    const Variable output = lstm_layer(v[0], as_weights(v, 1), true);
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

TEST(Lstm, RefusesWeightsThatDoNotFit) {
  std::mt19937 random(9);
  std::vector<Variable> v;
  for (const Tensor& weight : random_weights({1, 1, 3, 4, false}, random)) v.emplace_back(weight);
  EXPECT_THROW(lstm_layer(Variable(random_tensor({2, 2, 5}, random)), as_weights(v, 0), false),
               std::runtime_error);
  EXPECT_THROW(lstm_layer(Variable(random_tensor({2, 3}, random)), as_weights(v, 0), false),
               std::runtime_error);
}

std::vector<Tensor> inputs_at_limits(int64_t length, int64_t batch, int64_t hidden) {
  std::mt19937 random(5);
  const double scale = 1 / std::sqrt(static_cast<double>(hidden));
  return {random_tensor({length, batch, 1}, random),
          random_tensor({4 * hidden, 1}, random, -scale, scale),
          random_tensor({4 * hidden, hidden}, random, -scale, scale),
          random_tensor({4 * hidden}, random), random_tensor({4 * hidden}, random)};
}

TEST(Lstm, DoesTheLargestHiddenSizeBatchAndLength) {
  const auto lstm = [](const std::vector<Variable>& v) {
    return lstm_layer(v[0], {{v[1], v[2], v[3], v[4]}}, /*last_only=*/false);
  };
  // Sums of 4 · 1,024 products of at most 1/32: at the very most 4,096 · 2⁻²⁴ · 128.
  test::check_float(lstm, inputs_at_limits(3, 1, test::most_hidden), 0.03);
  test::check_float(lstm, inputs_at_limits(2, test::most_examples, 1), test::bound_at_limits);
  test::check_float(lstm, inputs_at_limits(test::most_letters, 1, 1), test::bound_at_limits);
}

}  // namespace
}  // namespace stroma
