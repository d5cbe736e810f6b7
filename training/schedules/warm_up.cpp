// warmup_epochs: the rates of so many epochs rise in equal steps to the whole rate of the next.
#include "training/schedule.h"

namespace stroma {

Schedule warm_up() {
  return {.factor = [](const TrainingSpec& spec, const Course& course) {
    return course.epoch < spec.warmup_epochs ? (course.epoch + 1.0) / (spec.warmup_epochs + 1.0)
                                             : 1;
  }};
}

}  // namespace stroma
