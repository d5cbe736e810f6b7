// Where in a sequence a position is, as numbers that are added to its channels.
#pragma once

#include "engine/variable.h"

namespace stroma {

/// [length, channels] (Vaswani et al. 2017, section 3.5):
///   channel 2i: sin(t / 10000^(2i / channels))      channel 2i + 1: the cosine of the same
Tensor sinusoids(int64_t length, int64_t channels, DType dtype, Device device);

/// input [length, batch, channels] + encoding [length, channels] at each position; 0 beyond the
/// `lengths` [batch] int32, if they are given.
Variable positional_encoding(const Variable& input, const Tensor& encoding,
                             const Tensor& lengths = {});

}  // namespace stroma
