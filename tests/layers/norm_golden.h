// Compares a layer with what tests/golden/norms.py recorded of PyTorch's.
#pragma once

#include "tests/golden.h"
#include "tests/gradient_check.h"

namespace stroma::test {

/// float64 sums of at most some hundred numbers of some units, in another order.
inline constexpr double norm_bound = 1e-13;

/// Fails where `function` of x, weight and bias, or a gradient of it, is not the one recorded under
/// `name`. The golden tensors are NAME.x, NAME.output, ….
inline void expect_golden(const std::map<std::string, Tensor>& golden, const std::string& name,
                          const Tensor& weight, const Tensor& bias,
                          const std::function<Variable(const std::vector<Variable>&)>& function) {
  const auto tensor = [&](const char* key) { return golden.at(name + "." + key); };
  const std::vector<Variable> inputs{Variable(tensor("x"), true), Variable(weight, true),
                                     Variable(bias, true)};
  const Variable y = function(inputs);
  EXPECT_LT(relative_error(y.value(), tensor("output")), norm_bound) << name;
  backward(weighted_sum(y, tensor("output_grad").to_vector<double>()));
  const char* const gradients[] = {"x_grad", "weight_grad", "bias_grad"};
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    EXPECT_LT(relative_error(inputs[i].grad(), tensor(gradients[i])), norm_bound)
        << name << " " << gradients[i];
  }
}

}  // namespace stroma::test
