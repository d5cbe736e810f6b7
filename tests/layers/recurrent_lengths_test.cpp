// Recurrent layers over sequences of different lengths in one batch.
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "layers/recurrent.h"
#include "layers/sequence_lengths.h"
#include "tests/golden.h"
#include "tests/gradient_check.h"

namespace stroma {
namespace {

using test::random_tensor;

const std::vector<Cell> cells{Cell::lstm, Cell::gru, Cell::rnn_tanh, Cell::rnn_relu};
const auto all = RecurrentOutput::all, last = RecurrentOutput::last, final = RecurrentOutput::final;

std::vector<RecurrentWeights> both_directions(const std::vector<Variable>& v, std::size_t first) {
  return {{v[first], v[first + 1], v[first + 2], v[first + 3]},
          {v[first + 4], v[first + 5], v[first + 6], v[first + 7]}};
}

/// The input, then the weights of both directions.
std::vector<Tensor> random_inputs(Cell cell, int64_t length, int64_t batch, int64_t input,
                                  int64_t hidden, std::mt19937& random) {
  const int64_t gates = kernels::gates_of(cell) * hidden;
  std::vector<Tensor> tensors{random_tensor({length, batch, input}, random)};
  const double bound = 1 / std::sqrt(static_cast<double>(hidden));
  for (int direction = 0; direction < 2; ++direction) {
    for (const Shape& shape :
         {Shape{gates, input}, Shape{gates, hidden}, Shape{gates}, Shape{gates}}) {
      tensors.push_back(random_tensor(shape, random, -bound, bound));
    }
  }
  return tensors;
}

void expect_near(const Tensor& actual, const Tensor& expected, double bound) {
  ASSERT_EQ(actual.shape(), expected.shape());
  const std::vector<double> a = actual.to_vector<double>(), e = expected.to_vector<double>();
  for (std::size_t i = 0; i < a.size(); ++i) {
    ASSERT_NEAR(a[i], e[i], bound * (1 + std::abs(e[i]))) << i;
  }
}

void check_packed(Cell cell, const std::string& file) {
  SCOPED_TRACE(file);
  const std::map<std::string, Tensor> golden = test::load_golden(file);
  const Tensor& lengths = golden.at("lengths");
  const Variable input(test::as<double>(golden.at("input")), true);
  std::map<std::string, Variable> parameters;
  std::vector<std::vector<RecurrentWeights>> layers;
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
  const Variable below = recurrent(cell, input, layers[0], all, lengths);
  const Variable output = recurrent(cell, below, layers[1], all, lengths);
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
  const auto vector = [&](RecurrentOutput which) {
    return recurrent(cell, below, layers[1], which, lengths).value();
  };
  expect_near(vector(last), select_last(Variable(golden.at("output")), lengths).value(), bound);
  if (golden.contains("final")) expect_near(vector(final), golden.at("final"), bound);
}

TEST(RecurrentLengths, AgreeWithPackedSequencesOfPyTorch) {
  check_packed(Cell::lstm, "lstm_packed");
  check_packed(Cell::gru, "gru_packed");
  check_packed(Cell::rnn_tanh, "rnn_packed");
}

void check_alone(Cell cell, RecurrentOutput output) {
  std::mt19937 random(1);
  const std::vector<int32_t> lengths{7, 1, 4, 6, 2, 7, 3};
  const int64_t length = 7, batch = 7, features = 3, hidden = 5;
  const std::vector<Tensor> inputs = random_inputs(cell, length, batch, features, hidden, random);
  const std::vector<Variable> v(inputs.begin(), inputs.end());
  const std::vector<double> padded =
      recurrent(cell, v[0], both_directions(v, 1), output, Tensor::of(lengths, {batch}))
          .value()
          .to_vector<double>();
  const std::vector<double> x = inputs[0].to_vector<double>();
  for (int64_t n = 0; n < batch; ++n) {
    std::vector<double> alone;
    for (int64_t i = 0; i < lengths[n] * features; ++i) {
      alone.push_back(x[(i / features * batch + n) * features + i % features]);
    }
    const Variable input(Tensor::of(alone, {lengths[n], 1, features}));
    const std::vector<double> expected =
        recurrent(cell, input, both_directions(v, 1), output).value().to_vector<double>();
    const int64_t positions = output == all ? length : 1;
    for (int64_t i = 0; i < positions * 2 * hidden; ++i) {
      const double actual = padded[(i / (2 * hidden) * batch + n) * 2 * hidden + i % (2 * hidden)];
      const bool padding = i >= static_cast<int64_t>(expected.size());
      // Products of another number of rows may add in another order: a rounding a step.
      ASSERT_NEAR(actual, padding ? 0 : expected[i], padding ? 0 : 1e-14) << n << ", " << i;
    }
  }
}

TEST(RecurrentLengths, GiveWhatEachSequenceGivesAlone) {
  for (const Cell cell : cells) {
    for (const RecurrentOutput output : {all, last, final}) check_alone(cell, output);
  }
}

TEST(RecurrentLengths, OfNothingGiveZeros) {
  std::mt19937 random(7);
  for (const Cell cell : cells) {
    const std::vector<Tensor> inputs = random_inputs(cell, 3, 2, 2, 3, random);
    const std::vector<Variable> v(inputs.begin(), inputs.end());
    const Tensor lengths = Tensor::of<int32_t>({0, 0}, {2});
    for (const RecurrentOutput output : {all, last, final}) {
      for (const double h : recurrent(cell, v[0], both_directions(v, 1), output, lengths)
                                .value()
                                .to_vector<double>()) {
        ASSERT_EQ(h, 0);
      }
    }
  }
}

TEST(RecurrentLengths, GradientsMatchFiniteDifferences) {
  std::mt19937 random(2);
  const Tensor lengths = Tensor::of<int32_t>({1, 5, 0, 3}, {4});
  for (const Cell cell : cells) {
    for (const RecurrentOutput output : {all, last, final}) {
      SCOPED_TRACE(testing::Message() << static_cast<int>(cell) << " " << static_cast<int>(output));
      test::check_gradients(
          [&](const std::vector<Variable>& v) {
            return recurrent(cell, v[0], both_directions(v, 1), output, lengths);
          },
          random_inputs(cell, 5, 4, 2, 3, random));
    }
  }
}

TEST(RecurrentLengths, FloatStaysWithinItsRoundingOnEveryDevice) {
  std::mt19937 random(3);
  for (const Cell cell : {Cell::lstm, Cell::gru, Cell::rnn_tanh}) {
    for (const int64_t hidden : {7, 32}) {
      // Results: sums of hidden + 5 products of at most 1/√hidden in four steps that at most double
      // an error. Gradients: sums over 4 · hidden of them and over all positions.
      const double bound = 4 * hidden * (hidden + 5) * 16 * 0x1p-24;
      for (const RecurrentOutput output : {all, final}) {
        test::check_float(
            [&](const std::vector<Variable>& v) {
              const Tensor lengths =
                  Tensor::of<int32_t>({4, 1, 0, 2, 3}, {5}, v[0].value().device());
              return recurrent(cell, v[0], both_directions(v, 1), output, lengths);
            },
            random_inputs(cell, 4, 5, 3, hidden, random), bound);
      }
    }
  }
}

TEST(RecurrentLengths, OfAllPositionsChangeNoBit) {
  std::mt19937 random(4);
  for (const Cell cell : cells) {
    const std::vector<Tensor> inputs = random_inputs(cell, 6, 9, 4, 32, random);
    for (const Device& device : test::devices()) {
      std::vector<Variable> v;
      for (const Tensor& input : inputs) v.emplace_back(test::as<float>(input, device));
      const Tensor lengths = Tensor::of(std::vector<int32_t>(9, 6), {9}, device);
      for (const RecurrentOutput output : {all, final}) {
        const auto h = [&](const Tensor& given) {
          return recurrent(cell, v[0], both_directions(v, 1), output, given)
              .value()
              .to_vector<float>();
        };
        EXPECT_EQ(h(lengths), h({}));
      }
    }
  }
}

}  // namespace
}  // namespace stroma
