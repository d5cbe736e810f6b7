#include "training/schedule.h"

#include <gtest/gtest.h>

#include <cmath>

namespace stroma {
namespace {

TEST(Schedule, TheRateIsConstantUnlessTheSpecAsksForMore) {
  const TrainingSpec spec{.learning_rate = 5e-4};
  for (int epoch = 0; epoch < 100; ++epoch) EXPECT_EQ(learning_rate_of(spec, epoch), 5e-4);
}

TEST(StepDecay, FallsEveryFewEpochs) {
  const TrainingSpec spec{.learning_rate = 5e-4, .lr_step = 5, .lr_gamma = 0.85};
  EXPECT_EQ(learning_rate_of(spec, 4), 5e-4);
  for (int epoch = 0; epoch < 200; ++epoch) {
    EXPECT_EQ(learning_rate_of(spec, epoch), 5e-4 * std::pow(0.85, epoch / 5)) << epoch;
  }
}

}  // namespace
}  // namespace stroma
