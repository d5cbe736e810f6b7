// Layer normalisation over channels, as PyTorch's LayerNorm of the last dimension.
#pragma once

#include "layers/init.h"
#include "layers/layer.h"

namespace stroma {

/// Input [..., channels], weight and bias [channels]; each row of channels to mean 0 and variance
/// 1, times the weight, plus the bias. Throws Error where the shapes do not fit.
Variable layer_norm(const Variable& input, const Variable& weight, const Variable& bias,
                    double epsilon = 1e-5);

class LayerNorm : public Layer {
 public:
  /// Parameters "weight", at first ones, and "bias", zeros, both [channels].
  LayerNorm(int64_t channels, double epsilon, const InitialWeights& init);
  Signal apply(std::span<const Signal> inputs) override;

 private:
  double epsilon_;
  Variable weight_, bias_;
};

}  // namespace stroma
