// Batch normalisation of channels, as PyTorch's BatchNorm1d.
#pragma once

#include "layers/init.h"
#include "layers/layer.h"

namespace stroma {

/// What training keeps for evaluation.
struct RunningStatistics {
  Tensor mean, variance;  // [channels]
  Tensor batches;         // [] int64: those that they are of
};

struct BatchNorm1dOptions {
  double epsilon = 1e-5;
  double momentum = 0.1;  // share of a batch in the running statistics
};

/// Each channel of a sequence [length, batch, channels], before its `lengths` [batch] where they
/// are defined, or of vectors [batch, channels], to mean 0 and variance 1, times its weight, plus
/// its bias. In training by the batch's own statistics, which also move the running ones, unless
/// the batch has one value a channel or none; else by the running ones. Throws Error where shapes
/// do not fit.
Variable batch_norm1d(const Variable& input, const Variable& weight, const Variable& bias,
                      RunningStatistics& running, const BatchNorm1dOptions& options, bool training,
                      const Tensor& lengths = {});

class BatchNorm1d : public Layer {
 public:
  /// Parameters "weight", at first ones, and "bias", zeros; buffers "running_mean", zeros,
  /// "running_var", ones, and "num_batches_tracked", 0.
  BatchNorm1d(int64_t channels, const BatchNorm1dOptions& options, const InitialWeights& init);
  Signal apply(std::span<const Signal> inputs) override;

 private:
  BatchNorm1dOptions options_;
  Variable weight_, bias_;
  RunningStatistics running_;
};

}  // namespace stroma
