// How the learning rate changes from epoch to epoch. A schedule is a file in training/schedules/
// that ends with a function `Schedule name() {`, and a key or two in layers/training_keys.def.
#pragma once

#include "layers/training_spec.h"

namespace stroma {

struct Schedule {
  /// What the rate of an epoch, counted from 0, is multiplied by: 1 where the spec asks for
  /// nothing.
  double (*factor)(const TrainingSpec& spec, int epoch);
};

/// The spec's learning rate times the factors of all schedules.
double learning_rate_of(const TrainingSpec& spec, int epoch);

}  // namespace stroma
