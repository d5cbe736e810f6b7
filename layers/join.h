// What the layers that join others have in common.
#pragma once

#include <string>
#include <vector>

#include "layers/layer_type.h"

namespace stroma {

/// "a sequence [40, batch, 8] and a vector [batch, 8]".
std::string list_of(Flows flows);

/// Throws Error unless all inputs are sequences of one length or all are vectors, and with
/// `same_channels` of as many channels; `does` is the layer's verb, as in "adds".
void need_alike(Flows inputs, const char* does, bool same_channels);

/// Throws Error for masked sequences of which shorter ones would no longer be equally long.
void need_equal_slides(Flows inputs);

std::vector<Variable> values_of(std::span<const Signal> inputs);

}  // namespace stroma
