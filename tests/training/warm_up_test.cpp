#include <gtest/gtest.h>

#include <algorithm>

#include "training/schedule.h"

namespace stroma {
namespace {

TEST(WarmUp, RisesInEqualStepsToTheWholeRate) {
  for (const int epochs : {1, 2, 5, 40}) {
    const TrainingSpec spec{.learning_rate = 0.5, .warmup_epochs = epochs};
    for (int epoch = 0; epoch < 2 * epochs; ++epoch) {
      const double share = std::min(1.0, (epoch + 1.0) / (epochs + 1.0));
      EXPECT_DOUBLE_EQ(learning_rate_of(spec, {.epoch = epoch}), 0.5 * share)
          << epoch << " of " << epochs;
    }
  }
}

TEST(WarmUp, GoesWithTheStepDecay) {
  const TrainingSpec spec{.learning_rate = 0.5, .lr_step = 2, .lr_gamma = 0.1, .warmup_epochs = 3};
  const double expected[] = {0.5 * 1 / 4, 0.5 * 2 / 4, 0.05 * 3 / 4, 0.05, 0.005};
  for (int epoch = 0; epoch < 5; ++epoch) {
    EXPECT_DOUBLE_EQ(learning_rate_of(spec, {.epoch = epoch}), expected[epoch]) << epoch;
  }
}

}  // namespace
}  // namespace stroma
