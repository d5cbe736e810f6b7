// Leaky ReLU of every element.
#pragma once

#include "engine/variable.h"

namespace stroma {

/// x where x ≥ 0, and slope · x below it; of any shape.
Variable leaky_relu(const Variable& input, double slope);

}  // namespace stroma
