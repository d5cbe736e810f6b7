// The hinge loss.
#pragma once

#include "engine/variable.h"
#include "layers/loss_options.h"

namespace stroma {

/// The mean over a batch of Σ_{c ≠ label} max(0, 1 − logits[label] + logits[c]) ÷ classes
/// (PyTorch's multi_margin_loss), weighted by the class of each example where `class_weights` is
/// defined. Shapes are those of softmax_cross_entropy; knows no label smoothing.
Variable multi_margin(const Variable& logits, const Tensor& labels,
                      const Tensor& class_weights = {}, Tensor statistics = {},
                      const LossOptions& options = {});

}  // namespace stroma
