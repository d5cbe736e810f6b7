#include "training/schedule.h"

namespace stroma {

#include "training/schedules.inc"

namespace {

const std::vector<Schedule>& schedules() {
  static const std::vector<Schedule> all = all_schedules();
  return all;
}

}  // namespace

double learning_rate_of(const TrainingSpec& spec, const Course& course) {
  double rate = spec.learning_rate;
  for (const Schedule& schedule : schedules()) {
    if (schedule.factor) rate *= schedule.factor(spec, course);
  }
  return rate;
}

double learning_rate_at(const TrainingSpec& spec, double of_epoch, int64_t step, int64_t steps) {
  double rate = of_epoch;
  for (const Schedule& schedule : schedules()) {
    if (schedule.step_factor) rate *= schedule.step_factor(spec, step, steps);
  }
  return rate;
}

void set_learning_rate(const TrainingSpec& spec, const StepRate& at) {
  for (const Schedule& schedule : schedules()) {
    if (schedule.set_rate && schedule.set_rate(spec, at)) return;
  }
}

int64_t steps_of(const TrainingSpec& spec, int64_t examples) {
  return spec.epochs * ((examples + spec.batch_size - 1) / spec.batch_size);
}

bool rates_depend_on_epochs(const TrainingSpec& spec) {
  return spec.lr_schedule == LrSchedule::cosine || spec.lr_schedule == LrSchedule::one_cycle;
}

}  // namespace stroma
