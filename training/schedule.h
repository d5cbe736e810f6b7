// How the learning rate changes from epoch to epoch, or from step to step. A schedule is a file in
// training/schedules/ that ends with a function `Schedule name() {`, and a key or two in
// layers/training_keys.def.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/tensor.h"
#include "layers/training_spec.h"

namespace stroma {

/// Where a training stands at the beginning of an epoch.
struct Course {
  int epoch = 0;                               // from 0
  std::vector<double> validation_losses = {};  // of the epochs before; empty without a validation
};

/// What the rate of a step is made of, on the device.
struct StepRate {
  int64_t steps;          // of the whole training
  const Tensor& step;     // [1] int64: updates done
  const Tensor& highest;  // [1] float64: the rate of the epoch
  Tensor& rate;           // [1] float32, written
};

/// The functions may be null where a schedule has nothing to say there, and say 1, or false, where
/// the spec asks for another one.
struct Schedule {
  /// What the rate of an epoch is multiplied by.
  double (*factor)(const TrainingSpec& spec, const Course& course) = nullptr;
  /// What the rate of an update, from 0, is multiplied by besides.
  double (*step_factor)(const TrainingSpec& spec, int64_t step, int64_t steps) = nullptr;
  /// Makes the rate of the next update from the same; true if it did.
  bool (*set_rate)(const TrainingSpec& spec, const StepRate& at) = nullptr;
};

/// The spec's learning rate times the factors of all schedules.
double learning_rate_of(const TrainingSpec& spec, const Course& course);

/// What that becomes at an update of `steps`.
double learning_rate_at(const TrainingSpec& spec, double of_epoch, int64_t step, int64_t steps);

/// Makes the rate of the next update where it changes within an epoch; else leaves it.
void set_learning_rate(const TrainingSpec& spec, const StepRate& at);

/// Updates of a training on so many examples.
int64_t steps_of(const TrainingSpec& spec, int64_t examples);

/// Whether the rates depend on how many epochs there are to be.
bool rates_depend_on_epochs(const TrainingSpec& spec);

}  // namespace stroma
