// LSTM layers over sequences of different lengths in one batch.
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "layers/lstm.h"
#include "layers/sequence_lengths.h"
#include "tests/golden.h"
#include "tests/gradient_check.h"

namespace stroma {
namespace {

using test::random_tensor;

std::vector<LstmWeights> both_directions(const std::vector<Variable>& v, std::size_t first) {
  return {{v[first], v[first + 1], v[first + 2], v[first + 3]},
          {v[first + 4], v[first + 5], v[first + 6], v[first + 7]}};
}

/// The input, then the weights of both directions.
std::vector<Tensor> random_inputs(int64_t length, int64_t batch, int64_t input, int64_t hidden,
                                  std::mt19937& random) {
  std::vector<Tensor> all{random_tensor({length, batch, input}, random)};
  const double bound = 1 / std::sqrt(static_cast<double>(hidden));
  for (int direction = 0; direction < 2; ++direction) {
    for (const Shape& shape : {Shape{4 * hidden, input}, Shape{4 * hidden, hidden},
                               Shape{4 * hidden}, Shape{4 * hidden}}) {
      all.push_back(random_tensor(shape, random, -bound, bound));
    }
  }
  return all;
}

void expect_near(const Tensor& actual, const Tensor& expected, double bound) {
  ASSERT_EQ(actual.shape(), expected.shape());
  const std::vector<double> a = actual.to_vector<double>(), e = expected.to_vector<double>();
  for (std::size_t i = 0; i < a.size(); ++i) {
    ASSERT_NEAR(a[i], e[i], bound * (1 + std::abs(e[i]))) << i;
  }
}

TEST(LstmLengths, AgreeWithPackedSequencesOfPyTorch) {
  const std::map<std::string, Tensor> golden = test::load_golden("lstm_packed");
  const Tensor& lengths = golden.at("lengths");
  const Variable input(test::as<double>(golden.at("input")), true);
  std::map<std::string, Variable> parameters;
  std::vector<std::vector<LstmWeights>> layers;
  for (const char* layer : {"_l0", "_l1"}) {
    layers.emplace_back();
    for (const char* suffix : {"", "_reverse"}) {
      const auto parameter = [&](const std::string& name) {
        const std::string full = name + layer + suffix;
        return parameters[full] = Variable(golden.at(full), true);
      };
      layers.back().push_back({parameter("weight_ih"), parameter("weight_hh"), parameter("bias_ih"),
                               parameter("bias_hh")});
    }
  }
  const Variable below = lstm_layer(input, layers[0], false, lengths);
  const Variable output = lstm_layer(below, layers[1], false, lengths);
  backward(test::weighted_sum(output, test::doubles(golden.at("output_grad"))));

  // Both compute in double. An error of ε at each of the 300 steps of two layers, and sums over the
  // 681 positions of all sequences: 681 · 600 · 2⁻⁵³.
  const double bound = 5e-11;
  expect_near(output.value(), golden.at("output"), bound);
  expect_near(input.grad(), golden.at("input_grad"), bound);
  for (const auto& [name, parameter] : parameters) {
    SCOPED_TRACE(name);
    expect_near(parameter.grad(), golden.at(name + "_grad"), bound);
  }
  const Variable last = lstm_layer(below, layers[1], true, lengths);
  expect_near(last.value(), select_last(Variable(golden.at("output")), lengths).value(), bound);
}

TEST(LstmLengths, GiveWhatEachSequenceGivesAlone) {
  std::mt19937 random(1);
  const std::vector<int32_t> lengths{7, 1, 4, 6, 2, 7, 3};
  const int64_t length = 7, batch = 7, features = 3, hidden = 5;
  const std::vector<Tensor> inputs = random_inputs(length, batch, features, hidden, random);
  const std::vector<Variable> v(inputs.begin(), inputs.end());
  for (const bool last_only : {false, true}) {
    const std::vector<double> padded =
        lstm_layer(v[0], both_directions(v, 1), last_only, Tensor::of(lengths, {batch}))
            .value()
            .to_vector<double>();
    for (int64_t n = 0; n < batch; ++n) {
      std::vector<double> alone;
      const std::vector<double> x = inputs[0].to_vector<double>();
      for (int64_t i = 0; i < lengths[n] * features; ++i) {
        alone.push_back(x[(i / features * batch + n) * features + i % features]);
      }
      const Variable input(Tensor::of(alone, {lengths[n], 1, features}));
      const std::vector<double> expected =
          lstm_layer(input, both_directions(v, 1), last_only).value().to_vector<double>();
      const int64_t positions = last_only ? 1 : length;
      for (int64_t i = 0; i < positions * 2 * hidden; ++i) {
        const double actual =
            padded[(i / (2 * hidden) * batch + n) * 2 * hidden + i % (2 * hidden)];
        const bool padding = i >= static_cast<int64_t>(expected.size());
        // Products of another number of rows may add in another order: a rounding a step.
        ASSERT_NEAR(actual, padding ? 0 : expected[i], padding ? 0 : 1e-14) << n << ", " << i;
      }
    }
  }
}

TEST(LstmLengths, GradientsMatchFiniteDifferences) {
  std::mt19937 random(2);
  const Tensor lengths = Tensor::of<int32_t>({1, 5, 0, 3}, {4});
  for (const bool last_only : {false, true}) {
    SCOPED_TRACE(last_only ? "last" : "all");
    test::check_gradients(
        [&](const std::vector<Variable>& v) {
          return lstm_layer(v[0], both_directions(v, 1), last_only, lengths);
        },
        random_inputs(5, 4, 2, 3, random));
  }
}

TEST(LstmLengths, FloatStaysWithinItsRoundingOnEveryDevice) {
  std::mt19937 random(3);
  for (const int64_t hidden : {7, 32}) {
    // Results: sums of hidden + 5 products of at most 1/√hidden in four steps that at most double
    // an error. Gradients: sums over 4 · hidden of them and over all positions.
    const double bound = 4 * hidden * (hidden + 5) * 16 * 0x1p-24;
    test::check_float(
        [](const std::vector<Variable>& v) {
          const Tensor lengths = Tensor::of<int32_t>({4, 1, 0, 2, 3}, {5}, v[0].value().device());
          return lstm_layer(v[0], both_directions(v, 1), false, lengths);
        },
        random_inputs(4, 5, 3, hidden, random), bound);
  }
}

TEST(LstmLengths, OfAllPositionsChangeNoBit) {
  std::mt19937 random(4);
  const std::vector<Tensor> inputs = random_inputs(6, 9, 4, 32, random);
  for (const Device& device : test::devices()) {
    std::vector<Variable> v;
    for (const Tensor& input : inputs) v.emplace_back(test::as<float>(input, device));
    const Tensor all = Tensor::of(std::vector<int32_t>(9, 6), {9}, device);
    EXPECT_EQ(lstm_layer(v[0], both_directions(v, 1), false, all).value().to_vector<float>(),
              lstm_layer(v[0], both_directions(v, 1), false).value().to_vector<float>());
  }
}

}  // namespace
}  // namespace stroma
