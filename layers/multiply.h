// The product of two inputs, element by element.
#pragma once

#include "engine/variable.h"

namespace stroma {

/// a ⊙ b of two inputs of one shape, or of a sequence [length, batch, channels] and a vector
/// [batch, channels] or a sequence [length, batch, 1], in either order, by which every position or
/// every channel of it is multiplied.
Variable multiply(const Variable& a, const Variable& b);

}  // namespace stroma
