// The mean over the channels of each position.
#pragma once

#include "engine/variable.h"

namespace stroma {

/// Of a sequence [length, batch, channels] one of one channel, [length, batch, 1].
Variable channel_mean(const Variable& input);

}  // namespace stroma
