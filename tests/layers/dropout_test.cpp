#include "layers/dropout.h"

#include <limits>

#include "kernels/error.h"
#include "tests/gradient_check.h"

namespace stroma {
namespace {

TrainingClock clock_at(int64_t step) {
  return {.seed = 9, .step = Tensor::of<int64_t>({step}, {1})};
}

TEST(Dropout, GradientsMatchFiniteDifferences) {
  std::mt19937 random(1);
  const TrainingClock clock = clock_at(3);
  for (const Shape& shape : {Shape{1}, Shape{7, 13}, Shape{5, 3, 11}}) {
    test::check_gradients(
        [&](const std::vector<Variable>& v) { return dropout(v[0], 0.3f, clock, 4); },
        {test::random_tensor(shape, random)});
  }
}

TEST(Dropout, FloatFollowsDoubleOnEveryDevice) {
  std::mt19937 random(1);
  const auto on_device_of_input = [](const std::vector<Variable>& v) {
    TrainingClock clock = clock_at(3);
    clock.step = clock.step.to(v[0].value().device());
    return dropout(v[0], 0.3f, clock, 4);
  };
  // Numbers below 1.5 / 0.7 in which the factor and the product are rounded; the same ones drop.
  const double bound = 1.5 / 0.7 * std::numeric_limits<float>::epsilon();
  for (const Shape& shape : {Shape{1}, Shape{7, 13}, Shape{5, 3, 11}}) {
    test::check_float(on_device_of_input, {test::random_tensor(shape, random)}, bound);
  }
}

TEST(Dropout, BackwardDropsWhatForwardDropped) {
  const Variable x(Tensor::of(std::vector<double>(101, 1.0), {101}), true);
  const Variable y = dropout(x, 0.5f, clock_at(3), 4);
  backward(test::weighted_sum(y, std::vector<double>(101, 1.0)));
  EXPECT_EQ(x.grad().to_vector<double>(), y.value().to_vector<double>());
}

TEST(Dropout, FollowsTheClockAndTheStream) {
  const Variable x(Tensor::of(std::vector<float>(101, 1.0f), {101}));
  TrainingClock clock = clock_at(3);
  Dropout layer(0.5f, clock, 4), other(0.5f, clock, 5);
  const std::vector<float> first = layer.forward(x).value().to_vector<float>();
  EXPECT_EQ(layer.forward(x).value().to_vector<float>(), first);
  EXPECT_NE(other.forward(x).value().to_vector<float>(), first);
  clock.step.data<int64_t>()[0] += 1;
  EXPECT_NE(layer.forward(x).value().to_vector<float>(), first);
}

TEST(Dropout, EvaluationAndProbabilityZeroLeaveTheInput) {
  const Variable x(Tensor::of<float>({1, 2, 3}, {3}));
  Dropout layer(0.5f, clock_at(3), 4);
  layer.train(false);
  EXPECT_EQ(layer.forward(x).value().bytes(), x.value().bytes());
  EXPECT_EQ(dropout(x, 0, clock_at(3), 4).value().bytes(), x.value().bytes());
}

TEST(Dropout, AnImpossibleProbabilityIsAnError) {
  const Variable x(Tensor::zeros({3}));
  for (const float p : {-0.1f, 1.0f, std::numeric_limits<float>::quiet_NaN()}) {
    EXPECT_THROW(dropout(x, p, clock_at(0), 4), Error) << p;
  }
}

}  // namespace
}  // namespace stroma
