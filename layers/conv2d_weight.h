// Weights of networks that see a sequence as a picture one row or one column wide, as many of the
// published ones do: their convolutions are Conv2d's.
#pragma once

#include "engine/tensor.h"

namespace stroma {

/// `weight`, a Conv2d's over one axis, as the conv1d weight [out, in, kernel] that does the same;
/// anything else as it is. Of shape [out, in, kernel, 1] or [out, in, 1, kernel] it only loses the
/// axis; of [out, 1, kernel, in], where the kernels of the first layer span all letters at once, or
/// [out, 1, in, kernel], its axes are put in order. Throws Error where these two cannot be told
/// apart, since there are as many letters as positions.
Tensor as_conv1d_weight(const Tensor& weight, const Shape& wanted);

}  // namespace stroma
