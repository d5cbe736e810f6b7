// ReLU, tanh, sigmoid, ELU and softplus of every element, for tensors of any shape.
#pragma once

#include "kernels/activation.h"
#include "layers/layer.h"

namespace stroma {

Variable relu(const Variable& input);
Variable tanh(const Variable& input);
Variable sigmoid(const Variable& input);
/// x where x ≥ 0, and alpha · (eˣ − 1) below it; alpha at least 0.
Variable elu(const Variable& input, double alpha = 1);
/// ln(1 + eˣ).
Variable softplus(const Variable& input);

class ActivationLayer : public Layer {
 public:
  /// `alpha` is that of ELU.
  explicit ActivationLayer(kernels::Activation kind, double alpha = 1)
      : kind_(kind), alpha_(alpha) {}
  Signal apply(std::span<const Signal> inputs) override;

 private:
  kernels::Activation kind_;
  double alpha_;
};

}  // namespace stroma
