// cosine: half a cosine from the whole rate at the first epoch to lr_min after the last, as
// PyTorch's CosineAnnealingLR over all epochs (Loshchilov & Hutter 2017, without restarts).
#include <cmath>
#include <numbers>

#include "training/schedule.h"

namespace stroma {

Schedule cosine() {
  return {.factor = [](const TrainingSpec& spec, const Course& course) {
    if (spec.lr_schedule != LrSchedule::cosine) return 1.0;
    const double least = spec.lr_min / spec.learning_rate;
    const double done = static_cast<double>(course.epoch) / spec.epochs;
    return least + (1 - least) * (1 + std::cos(std::numbers::pi * done)) / 2;
  }};
}

}  // namespace stroma
