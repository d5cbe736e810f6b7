// The sum of inputs.
#pragma once

#include <vector>

#include "engine/variable.h"

namespace stroma {

/// Inputs of one shape, added up in their order.
Variable add(const std::vector<Variable>& terms);

}  // namespace stroma
