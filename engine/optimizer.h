// SGD, Adam and AdamW over all parameters of a model at once. Parameters, gradients and moments are
// one array each; a module's variables become views into them.
#pragma once

#include <optional>
#include <vector>

#include "engine/module.h"
#include "engine/names.h"
#include "engine/random.h"

namespace stroma {

struct OptimizerOptions {
  enum class Rule { sgd, adam, adamw };
  Rule rule = Rule::adam;
  double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;
  double weight_decay = 0;
  double momentum = 0;                   // SGD only
  std::optional<double> clip_norm = {};  // clips the norm of all gradients together
};

template <>
struct NamesOf<OptimizerOptions::Rule> {
  static constexpr const char* kind = "optimizer";
  static constexpr const char* all[] = {"sgd", "adam", "adamw"};
};

class Optimizer {
 public:
  /// Moves the parameters, all float32 or all float64 and on one device, into one array.
  /// `clock.step` counts the updates; whoever trains advances it after `step`.
  Optimizer(const std::vector<NamedParameter>& parameters, const OptimizerOptions& options,
            const TrainingClock& clock);

  void zero_grad();
  /// One update from the gradients there are.
  void step();
  /// Takes effect at the next `step`, also of a captured one. Must be called before the first.
  void set_learning_rate(double learning_rate);

  /// The same on the device, [1] float32, for a step that computes it there.
  Tensor& learning_rate() { return learning_rate_; }

  /// What --resume needs: the moments, by the names "first_moment", "second_moment",
  /// "momentum_buffer", each [all parameters]. Writing to them restores a state.
  std::vector<NamedParameter> state() const;

 private:
  OptimizerOptions options_;
  TrainingClock clock_;
  Tensor values_, gradients_;            // [all parameters]
  Tensor first_moment_, second_moment_;  // [all parameters]; momentum buffer of SGD: the first
  Tensor learning_rate_;                 // [1] float32
  Tensor sum_of_squares_, scale_;        // [1], with clip_norm
};

}  // namespace stroma
