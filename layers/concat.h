// Inputs side by side.
#pragma once

#include <vector>

#include "engine/variable.h"

namespace stroma {

/// Inputs that differ in their last dimension alone, joined along it: of vectors [batch, features]
/// the features, of sequences [length, batch, channels] the channels.
Variable concat(const std::vector<Variable>& parts);

}  // namespace stroma
