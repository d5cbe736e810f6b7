// What a network is trained on, and what its last layer's numbers mean. A loss is a file in
// layers/losses/ that ends with a function `Loss name() {`; the build makes the list of them.
#pragma once

#include <string>
#include <vector>

#include "engine/variable.h"
#include "layers/loss_options.h"

namespace stroma {

/// A batch as a loss is told of it.
struct LossBatch {
  Tensor labels;              // [batch] int32: the class of each example
  Tensor answers = {};        // [batch, classes] int32, for a loss of several labels: 1 for each
                              // that an example has, else 0
  Tensor class_weights = {};  // [classes], or undefined
  Tensor statistics = {};     // [2] float64: loss · batch and hits are added; or undefined
  LossOptions options = {};
};

struct Loss {
  std::string name;             // as in `loss = "…"`
  bool one_logit = false;       // of two classes one number, that of the second; else one a class
  bool several_labels = false;  // of an example, or none
  bool smooths = true;          // goes with label_smoothing
  bool weighs_classes = true;   // goes with class_weights
  /// The loss, [1], of logits [batch, outputs].
  Variable (*of)(const Variable& logits, const LossBatch& batch);
  /// [batch, classes] float32 of logits [batch, outputs].
  Tensor (*probabilities)(const Tensor& logits);
};

/// All of them, by name.
const std::vector<Loss>& losses();
std::vector<std::string> names_of_losses();
/// Throws Error for a name that is none.
const Loss& loss_named(const std::string& name);

/// How many numbers the last layer gives for so many classes. Throws Error where the loss is not
/// for so many.
int64_t outputs_of(const Loss& loss, int64_t classes);

/// (1 − share) · the loss of a batch + share · that of the mean logits of each group of at least
/// two examples in it; a batch without such a group has no second part. `groups`: [batch] int32,
/// not read where the share is 0. Statistics are of the examples alone.
Variable loss_with_groups(const Loss& loss, const Variable& logits, LossBatch batch,
                          const Tensor& groups, double share);

}  // namespace stroma
