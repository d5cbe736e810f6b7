#include "training/schedule.h"

#include <vector>

namespace stroma {

#include "training/schedules.inc"

double learning_rate_of(const TrainingSpec& spec, int epoch) {
  static const std::vector<Schedule> schedules = all_schedules();
  double rate = spec.learning_rate;
  for (const Schedule& schedule : schedules) rate *= schedule.factor(spec, epoch);
  return rate;
}

}  // namespace stroma
