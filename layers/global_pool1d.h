// Max and average pooling over all positions of sequences [length, batch, channels].
#pragma once

#include "layers/layer.h"

namespace stroma {

/// The mean of each channel of each sequence, [batch, channels], over its positions before
/// `lengths` [batch] where they are defined; zeros of a sequence of none.
Variable global_average_pool1d(const Variable& input, const Tensor& lengths = {});

/// The maximum in place of the mean.
Variable global_max_pool1d(const Variable& input, const Tensor& lengths = {});

}  // namespace stroma
