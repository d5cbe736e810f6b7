// The loss of classification.
#pragma once

#include "engine/variable.h"
#include "layers/loss_options.h"

namespace stroma {

/// The mean of −log softmax(logits)[label] over a batch, weighted by the class of each example
/// where `class_weights` is defined (PyTorch's cross_entropy, label_smoothing too).
///   logits: [batch, classes]; labels: [batch] int32, each in [0, classes)
///   class_weights: [classes] of the logits' type, or undefined
///   statistics: [2] float64, or undefined: loss · batch and the number of hits are added to it
/// Result: [1]. Throws Error where the shapes do not fit.
Variable softmax_cross_entropy(const Variable& logits, const Tensor& labels,
                               const Tensor& class_weights = {}, Tensor statistics = {},
                               const LossOptions& options = {});

/// softmax(logits), both [batch, classes].
Tensor softmax_probabilities(const Tensor& logits);

}  // namespace stroma
