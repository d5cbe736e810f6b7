// plateau: times lr_gamma whenever the validation loss has not been better for more than
// lr_patience epochs, as PyTorch's ReduceLROnPlateau: better is lower by a ten-thousandth of the
// best. It follows from the losses of the epochs before, so that there is nothing else for --resume
// to keep.
#include <algorithm>
#include <limits>

#include "training/schedule.h"

namespace stroma {

Schedule plateau() {
  return {.factor = [](const TrainingSpec& spec, const Course& course) {
    if (spec.lr_schedule != LrSchedule::plateau) return 1.0;
    double rate = spec.learning_rate;
    double best = std::numeric_limits<double>::infinity();
    int bad_epochs = 0;
    for (const double loss : course.validation_losses) {
      const bool better = loss < best * (1 - 1e-4);
      if (better) best = loss;
      bad_epochs = better ? 0 : bad_epochs + 1;
      if (bad_epochs <= spec.lr_patience) continue;
      bad_epochs = 0;
      const double lower = std::max(rate * spec.lr_gamma, spec.lr_min);
      if (rate - lower > 1e-8) rate = lower;
    }
    return rate / spec.learning_rate;
  }};
}

}  // namespace stroma
