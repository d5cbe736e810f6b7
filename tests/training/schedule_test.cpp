#include "training/schedule.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "tests/golden.h"

namespace stroma {
namespace {

TEST(Schedule, TheRateIsConstantUnlessTheSpecAsksForMore) {
  const TrainingSpec spec{.learning_rate = 5e-4};
  for (int epoch = 0; epoch < 100; ++epoch)
    EXPECT_EQ(learning_rate_of(spec, {.epoch = epoch}), 5e-4);
}

TEST(StepDecay, FallsEveryFewEpochs) {
  const TrainingSpec spec{.learning_rate = 5e-4, .lr_step = 5, .lr_gamma = 0.85};
  EXPECT_EQ(learning_rate_of(spec, {.epoch = 4}), 5e-4);
  for (int epoch = 0; epoch < 200; ++epoch) {
    EXPECT_EQ(learning_rate_of(spec, {.epoch = epoch}), 5e-4 * std::pow(0.85, epoch / 5)) << epoch;
  }
}

/// The rates of a golden file's schedule: those of `spec`, epoch by epoch.
void expect_rates(const TrainingSpec& spec, const std::string& name) {
  const auto golden = test::load_golden("schedules");
  const auto expected = golden.at(name).to_vector<double>();
  const auto losses = golden.at("losses").to_vector<double>();
  for (std::size_t epoch = 0; epoch < expected.size(); ++epoch) {
    const Course course{.epoch = static_cast<int>(epoch),
                        .validation_losses = {losses.begin(), losses.begin() + epoch}};
    // PyTorch multiplies the rate of the epoch before: some ulps after 30 of them.
    EXPECT_NEAR(learning_rate_of(spec, course), expected[epoch], 1e-13 * expected[epoch])
        << name << ", epoch " << epoch;
  }
}

TEST(Schedule, FollowsPyTorch) {
  using enum LrSchedule;
  const TrainingSpec spec{.epochs = 30, .learning_rate = 0.01};
  TrainingSpec asked = spec;
  asked.lr_step = 4;
  asked.lr_gamma = 0.7;
  expect_rates(asked, "step");
  asked = spec;
  asked.lr_schedule = exponential;
  asked.lr_gamma = 0.9;
  expect_rates(asked, "exponential");
  asked = spec;
  asked.lr_schedule = cosine;
  asked.lr_min = 1e-4;
  expect_rates(asked, "cosine");
  asked = spec;
  asked.lr_schedule = plateau;
  asked.lr_gamma = 0.5;
  asked.lr_patience = 2;
  asked.lr_min = 2e-3;
  expect_rates(asked, "plateau");
}

TEST(OneCycle, FollowsPyTorchFromStepToStep) {
  for (const auto& [name, rates] : test::load_golden("schedules")) {
    if (!name.starts_with("one_cycle.")) continue;
    const std::vector<double> expected = rates.to_vector<double>();
    TrainingSpec spec{.learning_rate = 0.01, .lr_schedule = LrSchedule::one_cycle};
    spec.lr_rise = std::stod(name.substr(name.rfind('.', name.size() - 3) + 1));
    for (std::size_t step = 0; step < expected.size(); ++step) {
      const double rate = learning_rate_at(spec, learning_rate_of(spec, {}),
                                           static_cast<int64_t>(step), std::ssize(expected));
      // Cosines of angles that differ in their last digits, times 0.01.
      EXPECT_NEAR(rate, expected[step], 1e-16) << name << ", step " << step;
    }
  }
}

TEST(WarmUp, GoesWithEverySchedule) {
  using enum LrSchedule;
  for (const LrSchedule schedule : {step, exponential, cosine, one_cycle, plateau}) {
    TrainingSpec spec{.epochs = 20, .lr_schedule = schedule, .lr_step = 2, .lr_gamma = 0.5};
    TrainingSpec warm = spec;
    warm.warmup_epochs = 3;
    for (int epoch = 0; epoch < 20; ++epoch) {
      const double share = std::min(1.0, (epoch + 1.0) / 4);
      EXPECT_DOUBLE_EQ(learning_rate_of(warm, {.epoch = epoch}),
                       share * learning_rate_of(spec, {.epoch = epoch}))
          << to_string(schedule) << ", epoch " << epoch;
    }
  }
}

}  // namespace
}  // namespace stroma
