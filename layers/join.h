// What the layers that join others have in common.
#pragma once

#include <vector>

#include "layers/layer_type.h"

namespace stroma {

/// Throws Error unless all inputs are sequences of one length or all are vectors, and with
/// `same_channels` of as many channels, and unless masked sequences that are shorter stay of one
/// length, too; `does` is the layer's verb, as in "adds".
void need_alike(Flows inputs, const char* does, bool same_channels);

std::vector<Variable> values_of(std::span<const Signal> inputs);

}  // namespace stroma
