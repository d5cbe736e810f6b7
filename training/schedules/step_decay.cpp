// lr_step and lr_gamma: gamma^⌊epoch / step⌋, as PyTorch's StepLR.
#include <cmath>

#include "training/schedule.h"

namespace stroma {

Schedule step_decay() {
  return {.factor = [](const TrainingSpec& spec, int epoch) {
    return spec.lr_step > 0 ? std::pow(spec.lr_gamma, epoch / spec.lr_step) : 1;
  }};
}

}  // namespace stroma
