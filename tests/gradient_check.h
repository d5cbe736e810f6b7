// Checks the gradients of any function of Variables: in float64 on the CPU against central finite
// differences, in float on every device against float64.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "engine/variable.h"
#include "tests/tensors.h"

namespace stroma::test {

/// A float64 tensor of numbers uniform in [low, high).
inline Tensor random_tensor(const Shape& shape, std::mt19937& random, double low = -1,
                            double high = 1) {
  std::uniform_real_distribution<double> uniform(low, high);
  std::vector<double> values(count_of(shape));
  for (double& value : values) value = uniform(random);
  return Tensor::of(values, shape);
}

/// Σ weights[i] · x[i] in double on the CPU, of x of any type and device, with its gradient: makes
/// a scalar of any result. Weights that differ from element to element show a gradient that lands
/// in the wrong place.
inline Variable weighted_sum(const Variable& x, const std::vector<double>& weights) {
  const std::vector<double> values = doubles(x.value());
  double sum = 0;
  for (std::size_t i = 0; i < values.size(); ++i) sum += weights.at(i) * values[i];
  return make_result(Tensor::of<double>({sum}, {1}), {x}, [x, weights](const Tensor& output_grad) {
    std::vector<double> grad = weights;
    for (double& g : grad) g *= output_grad.item<double>();
    x.add_grad(like(x.value(), Tensor::of(grad, x.shape())));
  });
}

/// Fails where the gradient of a weighted sum of `function(inputs)` differs from the central finite
/// difference by more than `tolerance`, relative to the element or to the mean magnitude of that
/// input's gradient, whichever is larger. Inputs are float64 and must lie further than 1e-5 from
/// any kink (ReLU at 0, a tie of a maximum); `function` must be the same function at every call.
///
/// A step of 1e-5 leaves an error of 1e-10 · f'''/6 from the curvature and about 1e-11 · |f| from
/// rounding, for values near 1: far under the tolerance.
inline void check_gradients(const std::function<Variable(const std::vector<Variable>&)>& function,
                            const std::vector<Tensor>& inputs, double tolerance = 1e-6) {
  constexpr double step = 1e-5;
  std::vector<Variable> variables;
  for (const Tensor& input : inputs) {
    variables.emplace_back(input.clone(), /*requires_grad=*/true);
  }
  const Variable result = function(variables);
  std::mt19937 random(17);
  const std::vector<double> weights =
      random_tensor(result.shape(), random, 0.5, 1.5).to_vector<double>();
  backward(weighted_sum(result, weights));

  const NoGrad no_grad;
  const auto value = [&] {
    return weighted_sum(function(variables), weights).value().item<double>();
  };
  for (std::size_t v = 0; v < variables.size(); ++v) {
    ASSERT_TRUE(variables[v].grad().defined()) << "input " << v << " received no gradient";
    ASSERT_EQ(variables[v].grad().shape(), variables[v].shape()) << "input " << v;
    const std::vector<double> gradient = variables[v].grad().to_vector<double>();
    double mean_magnitude = 0;
    for (const double g : gradient) mean_magnitude += std::abs(g) / gradient.size();
    double* elements = variables[v].value().data<double>();
    for (std::size_t i = 0; i < gradient.size(); ++i) {
      const double before = elements[i];
      elements[i] = before + step;
      const double above = value();
      elements[i] = before - step;
      const double below = value();
      elements[i] = before;
      const double difference = (above - below) / (2 * step);
      const double scale = std::max({std::abs(gradient[i]), std::abs(difference), mean_magnitude});
      ASSERT_LE(std::abs(gradient[i] - difference), tolerance * scale)
          << "input " << v << ", element " << i << ": gradient " << gradient[i]
          << ", finite difference " << difference;
    }
  }
}

/// Fails where `function` of float inputs, on any device, or one of its gradients is further than
/// `bound` from the same in float64 on the CPU, which finite differences have proved. The weights
/// of the results, which reach `function` as its output's gradient, lie in [0.5, 1.5).
inline void check_float(const std::function<Variable(const std::vector<Variable>&)>& function,
                        const std::vector<Tensor>& inputs, double bound) {
  /// The value, then the gradients, of `inputs` as they are in float.
  const auto run = [&]<class T>(T, Device device) {
    std::vector<Variable> variables;
    for (const Tensor& input : inputs) {
      variables.emplace_back(as<T>(as<float>(input), device), /*requires_grad=*/true);
    }
    const Variable result = function(variables);
    std::mt19937 random(17);
    const Tensor weights = as<float>(random_tensor(result.shape(), random, 0.5, 1.5));
    backward(weighted_sum(result, doubles(weights)));
    std::vector<std::vector<double>> values{doubles(result.value())};
    for (const Variable& variable : variables) values.push_back(doubles(variable.grad()));
    return values;
  };
  const auto expected = run(double{}, Device{});
  for (const Device& device : devices()) {
    const auto actual = run(float{}, device);
    for (std::size_t v = 0; v < expected.size(); ++v) {
      ASSERT_EQ(actual[v].size(), expected[v].size());
      for (std::size_t i = 0; i < expected[v].size(); ++i) {
        ASSERT_NEAR(actual[v][i], expected[v][i], bound)
            << (v == 0 ? "value" : "gradient of input " + std::to_string(v - 1)) << ", element "
            << i << " on " << to_string(device);
      }
    }
  }
}

}  // namespace stroma::test
