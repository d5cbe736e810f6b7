// Convolution along a sequence [length, batch, channels], as PyTorch's Conv1d.
#pragma once

#include "kernels/conv1d.h"
#include "layers/init.h"
#include "layers/layer.h"

namespace stroma {

struct Conv1dOptions {
  int64_t stride = 1, padding = 0, dilation = 1, groups = 1;
  bool same = false;  // in place of padding: as many outputs as positions; of an even kernel more
                      // of the zeros come after the input, as in PyTorch; stride 1
};

/// The shape of the convolution of an input [length, batch, in_channels] with `weight`
/// [out_channels, in_channels / groups, kernel_size] and `bias` [out_channels], which may be
/// undefined, both of the type and on the device of `like`. Throws Error that says which of them do
/// not fit.
kernels::Conv1dShape conv1d_shape(int64_t length, int64_t batch, int64_t in_channels,
                                  const Tensor& like, const Variable& weight, const Variable& bias,
                                  const Conv1dOptions& options);

/// Returns [out_length, batch, out_channels]; arguments as for conv1d_shape.
Variable conv1d(const Variable& input, const Variable& weight, const Variable& bias,
                const Conv1dOptions& options);

/// Parameters: weight [out_channels, in_channels / groups, kernel_size] and bias [out_channels], at
/// first uniform in ±1/√(in_channels / groups · kernel_size), PyTorch's default.
class Conv1d : public Layer {
 public:
  /// With `relu`, max(y, 0).
  Conv1d(int64_t in_channels, int64_t out_channels, int64_t kernel_size,
         const Conv1dOptions& options, InitialWeights& init, bool relu = false);

  /// Of one-hot rows, or the same straight from letters.
  Signal apply(std::span<const Signal> inputs) override;

 private:
  bool relu_;
  Conv1dOptions options_;
  Variable weight_, bias_;
};

}  // namespace stroma
