// The first positions of a sequence.
#pragma once

#include "engine/variable.h"

namespace stroma {

/// Of a sequence [length, batch, channels] its first `length` positions, sharing elements; throws
/// Error where there are not so many.
Variable crop(const Variable& input, int64_t length);

}  // namespace stroma
