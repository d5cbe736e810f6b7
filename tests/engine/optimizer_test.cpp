#include "engine/optimizer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "kernels/error.h"
#include "tests/golden.h"
#include "tests/tensors.h"

namespace stroma {
namespace {

using Rule = OptimizerOptions::Rule;

constexpr int steps = 6;

struct Case {
  std::string name;
  OptimizerOptions options;
  double learning_rate;
};

const std::vector<Case> cases = {
    {"sgd", {.rule = Rule::sgd}, 1.0 / 16},
    {"sgd_momentum", {.rule = Rule::sgd, .weight_decay = 0.1, .momentum = 0.9}, 1.0 / 16},
    {"adam", {.rule = Rule::adam}, 1.0 / 128},
    {"adam_decay", {.rule = Rule::adam, .weight_decay = 0.1}, 1.0 / 128},
    {"adamw", {.rule = Rule::adamw, .weight_decay = 0.1}, 1.0 / 128},
    {"adam_clipped", {.rule = Rule::adam, .clip_norm = 0.5}, 1.0 / 128},
    {"sgd_clipped", {.rule = Rule::sgd, .clip_norm = 0.5}, 1.0 / 16},
};

TrainingClock clock_at(int64_t step, Device device = {}) {
  return {.seed = 1, .step = Tensor::of<int64_t>({step}, {1}, device)};
}

/// Two parameters [3, 5] and [7] that train with the gradients of the golden file.
template <class T>
struct Training {
  Training(const Case& c, int64_t first_step, Device where)
      : clock(clock_at(first_step, where)), device(where) {
    for (const char* i : {"0", "1"}) {
      parameters.push_back(
          {i,
           Variable(test::as<T>(golden.at("optimizer.initial." + std::string(i)), device), true)});
    }
    optimizer.emplace(parameters, c.options, clock);
    learning_rate = c.learning_rate;
  }

  void step() {
    const int64_t step = clock.step.item<int64_t>();
    optimizer->set_learning_rate(std::ldexp(learning_rate, -static_cast<int>(step / 2)));
    optimizer->zero_grad();
    for (const NamedParameter& p : parameters) {
      p.variable.add_grad(test::as<T>(
          golden.at("optimizer.gradient." + std::to_string(step) + "." + p.name), device));
    }
    optimizer->step();
    clock.step.copy_from(Tensor::of<int64_t>({step + 1}, {1}));
  }

  std::vector<T> values() const {
    std::vector<T> all;
    for (const NamedParameter& p : parameters) {
      const std::vector<T> one = p.variable.value().to_vector<T>();
      all.insert(all.end(), one.begin(), one.end());
    }
    return all;
  }

  std::map<std::string, Tensor> golden = test::load_golden("dense");
  TrainingClock clock;
  Device device;
  std::vector<NamedParameter> parameters;
  std::optional<Optimizer> optimizer;
  double learning_rate;
};

/// Both sides round differently: in each step by a rounding of p (|p| < 2) and some twelve of an
/// update of at most 0.3 (momentum SGD: lr · |g| / (1 − momentum), half of that in practice).
template <class T>
void check_against_pytorch(const std::string& dtype, Device device = {}) {
  const double per_step = double(std::numeric_limits<T>::epsilon()) * (2 + 12 * 0.3);
  for (const Case& c : cases) {
    Training<T> training(c, 0, device);
    for (int step = 0; step < steps; ++step) {
      training.step();
      for (const NamedParameter& p : training.parameters) {
        const std::string name =
            "optimizer." + dtype + "." + c.name + "." + std::to_string(step) + "." + p.name;
        const std::vector<T> expected = training.golden.at(name).template to_vector<T>();
        const std::vector<T> actual = p.variable.value().to_vector<T>();
        for (std::size_t i = 0; i < expected.size(); ++i) {
          ASSERT_NEAR(actual[i], expected[i], (step + 1) * per_step) << name << " " << i;
        }
      }
    }
  }
}

TEST(Optimizer, FollowsPyTorchInDouble) { check_against_pytorch<double>("float64"); }

TEST(Optimizer, FollowsPyTorchInFloat) {
  for (const Device& device : test::devices()) check_against_pytorch<float>("float32", device);
}

void check_restored_state(const Case& c, Device device) {
  Training<float> whole(c, 0, device), first(c, 0, device), second(c, 3, device);
  for (int step = 0; step < steps; ++step) whole.step();
  for (int step = 0; step < 3; ++step) first.step();
  for (std::size_t i = 0; i < first.parameters.size(); ++i) {
    second.parameters[i].variable.value().copy_from(first.parameters[i].variable.value());
  }
  const std::vector<NamedParameter> saved = first.optimizer->state();
  std::vector<NamedParameter> restored = second.optimizer->state();
  ASSERT_EQ(saved.size(), restored.size());
  for (std::size_t i = 0; i < saved.size(); ++i) {
    EXPECT_EQ(saved[i].name, restored[i].name);
    restored[i].variable.value().copy_from(saved[i].variable.value());
  }
  for (int step = 3; step < steps; ++step) second.step();
  EXPECT_EQ(second.values(), whole.values()) << c.name << " on " << to_string(device);
}

TEST(Optimizer, ARestoredStateContinuesToTheBit) {
  for (const Device& device : test::devices()) {
    for (const Case& c : cases) check_restored_state(c, device);
  }
}

TEST(Optimizer, ParametersMoveToAlignedMemoryAndKeepTheirValues) {
  const std::vector<NamedParameter> parameters = {
      {"a", Variable(Tensor::of<float>({1, 2, 3}, {3}), true)},
      {"b", Variable(Tensor::of<float>({4, 5}, {2, 1}), true)}};
  Optimizer optimizer(parameters, {}, clock_at(0));
  EXPECT_EQ(parameters[0].variable.value().to_vector<float>(), (std::vector<float>{1, 2, 3}));
  EXPECT_EQ(parameters[1].variable.value().to_vector<float>(), (std::vector<float>{4, 5}));
  EXPECT_EQ(parameters[1].variable.shape(), (Shape{2, 1}));
  for (const NamedParameter& p : parameters) {
    EXPECT_EQ(reinterpret_cast<uintptr_t>(p.variable.value().bytes()) % 64, 0u);
    p.variable.add_grad(Tensor::of<float>(std::vector<float>(p.variable.value().count(), 1.0f),
                                          p.variable.shape()));
    EXPECT_EQ(p.variable.grad().to_vector<float>()[0], 1);
  }
  optimizer.zero_grad();
  EXPECT_EQ(parameters[1].variable.grad().to_vector<float>(), (std::vector<float>{0, 0}));
}

TEST(Optimizer, ParametersOfDifferentTypesAreAnError) {
  const std::vector<NamedParameter> parameters = {
      {"a", Variable(Tensor::zeros({3}), true)},
      {"b", Variable(Tensor::zeros({3}, DType::float64), true)}};
  EXPECT_THROW(Optimizer(parameters, {}, clock_at(0)), Error);
  EXPECT_THROW(Optimizer({}, {}, clock_at(0)), Error);
}

TEST(Optimizer, WhatItCannotUseIsAnError) {
  const std::vector<NamedParameter> parameters = {{"a", Variable(Tensor::zeros({3}), true)}};
  EXPECT_THROW(Optimizer(parameters, {}, {}), Error);
  EXPECT_THROW(Optimizer(parameters, {}, {1, Tensor::zeros({1})}), Error);
  EXPECT_THROW(Optimizer({{"a", Variable()}}, {}, clock_at(0)), Error);
  EXPECT_THROW(Optimizer({{"a", Variable(Tensor::zeros({3}, DType::int32))}}, {}, clock_at(0)),
               Error);
  for (const OptimizerOptions& options :
       {OptimizerOptions{.beta1 = 1}, OptimizerOptions{.beta2 = -0.1},
        OptimizerOptions{.epsilon = -1}, OptimizerOptions{.weight_decay = -1},
        OptimizerOptions{.momentum = -1}, OptimizerOptions{.clip_norm = 0}}) {
    EXPECT_THROW(Optimizer(parameters, options, clock_at(0)), Error);
  }
}

}  // namespace
}  // namespace stroma
