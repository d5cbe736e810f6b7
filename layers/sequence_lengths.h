// Batches of padded sequences [length, batch, channels], with `lengths` [batch] int32 beside them:
// the positions of each, from the first on, that are no padding.
#pragma once

#include "engine/variable.h"

namespace stroma {

/// Throws Error unless `x` is such a batch and `lengths` its lengths.
void check_lengths(const char* operation, const Tensor& x, const Tensor& lengths);

/// The lengths after a convolution or a pool whose window reaches over `reach` positions: (length +
/// 2 · padding − reach) / stride + 1, or 0 where a sequence is shorter than that or has no length.
Tensor slide_lengths(const Tensor& lengths, int64_t reach, int64_t stride, int64_t padding);

/// `x` with `value` at all padding: of values or of gradients.
Tensor masked(const Tensor& x, const Tensor& lengths, double value = 0);

/// The same of a variable; through padding no gradient passes.
Variable mask_positions(const Variable& x, const Tensor& lengths, double value = 0);

/// The last position of each sequence itself, [batch, channels]; zeros for one of no length.
Variable select_last(const Variable& input, const Tensor& lengths);

}  // namespace stroma
