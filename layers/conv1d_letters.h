// The first layer straight from letter codes: a convolution over one-hot input that is never
// written out, and that input itself for models that begin otherwise.
#pragma once

#include "layers/conv1d.h"

namespace stroma {

/// conv1d(one_hot(batch, …), weight, bias, options), and max(y, 0) of it with `relu`, without
/// writing the one-hot input. weight: [out_channels, letters, kernel_size]; groups must be 1.
/// A letter code ≥ letters is a row of zeros before standardisation.
Variable conv1d_letters(const LetterBatch& batch, const Variable& weight, const Variable& bias,
                        const Conv1dOptions& options, const InputStandardization& standardization,
                        bool relu);

/// The batch written out: [length, batch, letters], (one-hot − mean) · inverse_sd, of the element
/// type of the standardisation, float32 without.
Variable one_hot(const LetterBatch& batch, int64_t letters,
                 const InputStandardization& standardization);

}  // namespace stroma
