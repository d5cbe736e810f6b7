// The loss of answers of yes or no.
#pragma once

#include "engine/variable.h"
#include "layers/loss_options.h"

namespace stroma {

/// The mean over a batch, and over the questions to each example, of −log σ(logit) where the answer
/// is yes and of −log (1 − σ(logit)) where it is no (PyTorch's binary_cross_entropy_with_logits).
/// With weights it is the weighted mean; label smoothing ε makes (1 − ε) t + ε / 2 of an answer t.
///   logits: [batch, questions]; labels: the same, int32, 0 or 1, or [batch] of one question
///   class_weights: [2] of the logits' type, of the answers no and yes, or undefined
///   statistics: [2] float64, or undefined: loss · batch and the number of examples with all
///   answers right are added to it
/// Result: [1]. Throws Error where the shapes do not fit.
Variable binary_cross_entropy(const Variable& logits, const Tensor& labels,
                              const Tensor& class_weights = {}, Tensor statistics = {},
                              const LossOptions& options = {});

/// (1 − σ(logit), σ(logit)) of each example, [batch, 2], of logits [batch, 1].
Tensor binary_probabilities(const Tensor& logits);

}  // namespace stroma
