// The fully connected layer.
#pragma once

#include "layers/init.h"
#include "layers/layer.h"

namespace stroma {

/// x · Wᵀ + b along the last dimension: input [..., in], weight [out, in], bias [out] or undefined;
/// result [..., out]. Throws Error where the shapes do not fit.
Variable linear(const Variable& input, const Variable& weight, const Variable& bias);

class Linear : public Layer {
 public:
  /// Parameters "weight" and, with `bias`, "bias", uniform in ±1 / √in_features as in PyTorch.
  Linear(int64_t in_features, int64_t out_features, InitialWeights& init, bool bias = true);
  /// Of a vector, or of each position of a sequence.
  Signal apply(std::span<const Signal> inputs) override;

 private:
  Variable weight_;  // [out, in]
  Variable bias_;    // [out], or undefined
};

}  // namespace stroma
