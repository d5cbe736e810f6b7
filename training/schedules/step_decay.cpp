// step: gamma^⌊epoch / lr_step⌋, as PyTorch's StepLR.
#include <cmath>

#include "training/schedule.h"

namespace stroma {

Schedule step_decay() {
  return {.factor = [](const TrainingSpec& spec, const Course& course) {
    const bool steps = spec.lr_schedule == LrSchedule::step && spec.lr_step > 0;
    return steps ? std::pow(spec.lr_gamma, course.epoch / spec.lr_step) : 1;
  }};
}

}  // namespace stroma
