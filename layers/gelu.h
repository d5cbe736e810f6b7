// GELU of every element.
#pragma once

#include "engine/variable.h"

namespace stroma {

/// x · Φ(x), Φ the distribution of a standard normal; of any shape. `approximate`: with PyTorch's
/// tanh instead.
Variable gelu(const Variable& input, bool approximate = false);

}  // namespace stroma
