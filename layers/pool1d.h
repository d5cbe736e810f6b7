// Max and average pooling along a sequence [length, batch, channels].
#pragma once

#include "layers/layer.h"

namespace stroma {

struct Pool1dOptions {
  int64_t window = 2;
  int64_t stride = 2;
  int64_t padding = 0;  // at most window / 2
};

/// The maximum of each window; with `relu`, max(y, 0), which is ReLU before or after pooling.
/// Returns [out_length, batch, channels]; throws Error where the options do not fit the input.
Variable max_pool1d(const Variable& input, const Pool1dOptions& options, bool relu = false);

/// The mean of each window, padding counted as zeros.
Variable average_pool1d(const Variable& input, const Pool1dOptions& options);

class MaxPool1d : public Layer {
 public:
  explicit MaxPool1d(const Pool1dOptions& options, bool relu = false)
      : options_(options), relu_(relu) {}
  Signal apply(std::span<const Signal> inputs) override;

 private:
  Pool1dOptions options_;
  bool relu_;
};

class AveragePool1d : public Layer {
 public:
  explicit AveragePool1d(const Pool1dOptions& options) : options_(options) {}
  Signal apply(std::span<const Signal> inputs) override;

 private:
  Pool1dOptions options_;
};

}  // namespace stroma
