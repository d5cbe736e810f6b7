// The mean of what belongs together in a batch.
#pragma once

#include "engine/variable.h"

namespace stroma {

/// The means of the groups of at least two rows, each in the place of its first row, and what each
/// row then weighs: nothing where there is no mean.
struct GroupMeans {
  Variable means;  // [rows, columns]
  Tensor weights;  // [rows]
};

/// input: [rows, columns]; groups: [rows] int32; row_weights: [rows] of the input's type, or
/// undefined: all 1. Throws Error where the shapes do not fit.
GroupMeans group_means(const Variable& input, const Tensor& groups, const Tensor& row_weights = {});

}  // namespace stroma
