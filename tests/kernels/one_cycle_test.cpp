#include "kernels/one_cycle.h"

#include <gtest/gtest.h>

#include "tests/devices.h"

namespace stroma::kernels {
namespace {

TEST(OneCycle, RisesToTheWholeAndFallsToAlmostNothing) {
  EXPECT_NEAR(one_cycle_factor(0, 100, 0.3), 0.04, 1e-15);
  EXPECT_NEAR(one_cycle_factor(29, 100, 0.3), 1, 1e-15);
  EXPECT_NEAR(one_cycle_factor(99, 100, 0.3), 4e-6, 1e-15);
  for (int64_t step = 0; step < 99; ++step) {
    const double now = one_cycle_factor(step, 100, 0.3),
                 next = one_cycle_factor(step + 1, 100, 0.3);
    EXPECT_EQ(now < next, step < 29) << step;
  }
}

TEST(OneCycle, OfFewStepsIsFinite) {
  for (const int64_t steps : {1, 2, 3, 4}) {
    for (int64_t step = 0; step < steps; ++step) {
      const double factor = one_cycle_factor(step, steps, 0.3);
      EXPECT_TRUE(factor > 0 && factor <= 1) << step << " of " << steps << ": " << factor;
    }
  }
}

// The cosine of a device may differ in its last digits; the rate has eight.
TEST(OneCycle, ReadsTheStepOnTheDevice) {
  test::on_each_device([]<class T>(const auto& context, T) {
    for (const int64_t done : {0, 7, 500, 999}) {
      test::Array step(context, std::vector<int64_t>{done});
      test::Array highest(context, std::vector<double>{0.25});
      test::Array rate(context, std::vector<float>{0});
      one_cycle(context, {.steps = 1000,
                          .rise = 0.3,
                          .step = step.data(),
                          .highest = highest.data(),
                          .learning_rate = rate.data()});
      EXPECT_FLOAT_EQ(rate.host()[0], static_cast<float>(0.25 * one_cycle_factor(done, 1000, 0.3)));
    }
  });
}

}  // namespace
}  // namespace stroma::kernels
