// exponential: gamma^epoch, as PyTorch's ExponentialLR.
#include <cmath>

#include "training/schedule.h"

namespace stroma {

Schedule exponential() {
  return {.factor = [](const TrainingSpec& spec, const Course& course) {
    return spec.lr_schedule == LrSchedule::exponential ? std::pow(spec.lr_gamma, course.epoch) : 1;
  }};
}

}  // namespace stroma
