// A vector for each word of a vocabulary.
#pragma once

#include <cstdint>

#include "engine/variable.h"

namespace stroma {

/// The rows of `weight` [vocabulary, dim] that `tokens` [length, batch] int32 name: [length, batch,
/// dim]. Row 0, that of no word, gets no gradient.
Variable embedding(const Tensor& tokens, const Variable& weight);

}  // namespace stroma
