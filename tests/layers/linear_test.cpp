#include "layers/linear.h"

#include <cmath>
#include <limits>

#include "kernels/error.h"
#include "tests/golden.h"
#include "tests/gradient_check.h"
#include "tests/layers/limits.h"

namespace stroma {
namespace {

void expect_close(const Tensor& actual, const Tensor& expected, double bound) {
  ASSERT_EQ(actual.shape(), expected.shape());
  const std::vector<double> a = actual.to_vector<double>(), b = expected.to_vector<double>();
  for (std::size_t i = 0; i < a.size(); ++i) ASSERT_NEAR(a[i], b[i], bound) << i;
}

TEST(Linear, FollowsPyTorch) {
  const auto golden = test::load_golden("dense");
  const auto variable = [&](const char* name) { return Variable(golden.at(name), true); };
  const Variable x = variable("linear.x"), weight = variable("linear.weight"),
                 bias = variable("linear.bias");
  const Variable output = linear(x, weight, bias);
  // Sums of at most 16 products of numbers below 1, in any order: 16 · 16 ε.
  const double bound = 256 * std::numeric_limits<double>::epsilon();
  expect_close(output.value(), golden.at("linear.output"), bound);
  backward(test::weighted_sum(output, golden.at("linear.output_grad").to_vector<double>()));
  expect_close(x.grad(), golden.at("linear.x_grad"), bound);
  expect_close(weight.grad(), golden.at("linear.weight_grad"), bound);
  expect_close(bias.grad(), golden.at("linear.bias_grad"), bound);
}

TEST(Linear, GradientsMatchFiniteDifferences) {
  std::mt19937 random(1);
  for (const Shape& shape : {Shape{1, 1}, Shape{7}, Shape{5, 13}, Shape{3, 2, 7}}) {
    for (const int64_t out : {1, 2, 11}) {
      const int64_t in = shape.back();
      const Tensor x = test::random_tensor(shape, random);
      const Tensor weight = test::random_tensor({out, in}, random);
      const Tensor bias = test::random_tensor({out}, random);
      test::check_gradients([](const std::vector<Variable>& v) { return linear(v[0], v[1], v[2]); },
                            {x, weight, bias});
      test::check_gradients(
          [](const std::vector<Variable>& v) { return linear(v[0], v[1], Variable()); },
          {x, weight});
    }
  }
}

TEST(Linear, FloatStaysWithinTheBoundOfItsSums) {
  std::mt19937 random(2);
  for (const int64_t rows : {1, 32, 131}) {
    for (const int64_t in : {1, 7, 256}) {
      for (const int64_t out : {1, 100, 509}) {
        const Tensor x = test::as<float>(test::random_tensor({rows, in}, random));
        const Tensor w = test::as<float>(test::random_tensor({out, in}, random));
        const Tensor b = test::as<float>(test::random_tensor({out}, random));
        std::vector<std::vector<float>> outputs;
        for (const Device& device : test::devices()) {
          const auto on = [&](const Tensor& t) { return Variable(t.to(device)); };
          outputs.push_back(linear(on(x), on(w), on(b)).value().to_vector<float>());
        }
        for (int64_t i = 0; i < rows; ++i) {
          for (int64_t j = 0; j < out; ++j) {
            double sum = b.data<float>()[j], magnitude = std::abs(sum);
            for (int64_t k = 0; k < in; ++k) {
              const double p = double(x.data<float>()[i * in + k]) * w.data<float>()[j * in + k];
              sum += p;
              magnitude += std::abs(p);
            }
            // Any order of in + 1 additions and in products.
            const double bound = double(in + 1) * std::numeric_limits<float>::epsilon() * magnitude;
            for (const std::vector<float>& y : outputs) ASSERT_NEAR(y[i * out + j], sum, bound);
          }
        }
      }
    }
  }
}

TEST(Linear, FloatGradientsFollowDoubleOnEveryDevice) {
  std::mt19937 random(4);
  for (const int64_t n : {1, 7, 61}) {
    // Sums of at most n + 1 products of numbers below 1 and weights below 1.5, in any order.
    const auto terms = static_cast<double>(n + 1);
    const double bound = 1.5 * terms * terms * std::numeric_limits<float>::epsilon();
    test::check_float([](const std::vector<Variable>& v) { return linear(v[0], v[1], v[2]); },
                      {test::random_tensor({n, 5}, random), test::random_tensor({n, 5}, random),
                       test::random_tensor({n}, random)},
                      bound);
  }
}

TEST(Linear, AFrozenWeightGetsNoGradient) {
  std::mt19937 random(3);
  const Variable x(test::random_tensor({5, 3}, random), true);
  const Variable weight(test::random_tensor({2, 3}, random));
  backward(test::weighted_sum(linear(x, weight, Variable()), std::vector<double>(10, 1.0)));
  EXPECT_TRUE(x.grad().defined());
  EXPECT_FALSE(weight.grad().defined());
}

TEST(Linear, InitialWeightsLieWithinOneOverTheRootOfTheInputs) {
  InitialWeights init{.seed = 1};
  Linear layer(49, 211, init);
  const std::vector<NamedParameter> parameters = layer.parameters();
  ASSERT_EQ(parameters.size(), 2u);
  EXPECT_EQ(parameters[0].name, "weight");
  EXPECT_EQ(parameters[0].variable.shape(), (Shape{211, 49}));
  EXPECT_EQ(parameters[1].name, "bias");
  EXPECT_EQ(parameters[1].variable.shape(), (Shape{211}));
  for (const NamedParameter& parameter : parameters) {
    double largest = 0;
    for (const float w : parameter.variable.value().to_vector<float>()) {
      largest = std::max(largest, std::abs(double(w)));
    }
    EXPECT_LE(largest, 1.0 / 7 * (1 + 1e-7));
    EXPECT_GE(largest, 0.9 / 7);  // missed with a chance of 0.9²¹¹
  }
  EXPECT_EQ(layer.forward(Variable(Tensor::zeros({3, 49}))).shape(), (Shape{3, 211}));
}

TEST(Linear, WithoutABiasHasAWeightAlone) {
  InitialWeights init{.seed = 1};
  Linear layer(3, 2, init, /*bias=*/false);
  EXPECT_EQ(layer.parameters().size(), 1u);
  EXPECT_EQ(layer.forward(Variable(Tensor::zeros({5, 3}))).value().to_vector<float>(),
            std::vector<float>(10));
}

TEST(Linear, TakesThePositionsOfASequenceOneByOneAndLeavesItsPaddingZeros) {
  InitialWeights init{.seed = 1};
  Linear layer(1, 1, init);
  std::vector<NamedParameter> parameters = layer.parameters();
  parameters[0].variable.value().copy_from(Tensor::of<float>({2}, {1, 1}));
  parameters[1].variable.value().copy_from(Tensor::of<float>({5}, {1}));
  const Signal x{Variable(Tensor::of<float>({1, 2, 3, 0}, {2, 2, 1})),
                 Tensor::of<int32_t>({2, 1}, {2})};
  const Signal y = layer.apply({&x, 1});
  EXPECT_EQ(y.x.value().to_vector<float>(), (std::vector<float>{7, 9, 11, 0}));
  EXPECT_EQ(y.lengths.to_vector<int32_t>(), (std::vector<int32_t>{2, 1}));
}

TEST(Linear, ShapesThatDoNotFitAreErrors) {
  const auto zeros = [](const Shape& shape) { return Variable(Tensor::zeros(shape)); };
  EXPECT_THROW(linear(zeros({5, 3}), zeros({2, 4}), Variable()), Error);
  EXPECT_THROW(linear(zeros({5, 3}), zeros({2, 3}), zeros({3})), Error);
  EXPECT_THROW(linear(zeros({5, 3}), zeros({6}), Variable()), Error);
  EXPECT_THROW(linear(zeros({}), zeros({2, 3}), Variable()), Error);
}

TEST(Linear, DoesTheLargestBatch) {
  std::mt19937 random(1);
  test::check_float([](const std::vector<Variable>& v) { return linear(v[0], v[1], v[2]); },
                    {test::random_tensor({test::most_examples, 3}, random),
                     test::random_tensor({2, 3}, random), test::random_tensor({2}, random)},
                    test::bound_at_limits);
}

}  // namespace
}  // namespace stroma
