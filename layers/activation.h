// ReLU, tanh and sigmoid of every element, for tensors of any shape.
#pragma once

#include "kernels/activation.h"
#include "layers/layer.h"

namespace stroma {

Variable relu(const Variable& input);
Variable tanh(const Variable& input);
Variable sigmoid(const Variable& input);

class ActivationLayer : public Layer {
 public:
  explicit ActivationLayer(kernels::Activation kind) : kind_(kind) {}
  Signal apply(std::span<const Signal> inputs) override;

 private:
  kernels::Activation kind_;
};

}  // namespace stroma
