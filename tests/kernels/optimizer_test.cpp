#include "kernels/optimizer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "tests/devices.h"
#include "tests/kernels/random_values.h"
#include "tests/kernels/threads.h"

namespace stroma::kernels {
namespace {

constexpr int steps = 5;
constexpr float learning_rate = 0.01f;

struct Rule {
  bool adam, decoupled;
  double weight_decay, momentum;
};

const std::vector<Rule> rules = {{true, false, 0, 0},    {true, false, 0.1, 0},
                                 {true, true, 0.1, 0},   {false, false, 0, 0},
                                 {false, false, 0.1, 0}, {false, false, 0.1, 0.9}};

/// The parameters after `steps` updates with gradients that change from step to step.
template <class T, class Context>
std::vector<T> run(const Context& context, const Rule& rule, int64_t count, T gradient_scale) {
  std::mt19937 random(count);
  test::Array p(context, test::random_values<T>(count, random));
  // SGD's buffer must not be read before the first update has written it.
  const T initial = rule.adam ? T{0} : std::numeric_limits<T>::quiet_NaN();
  test::Array first(context, std::vector<T>(count, initial));
  test::Array second(context, std::vector<T>(count));
  test::Array rate(context, std::vector{learning_rate});
  test::Array scale(context, std::vector{gradient_scale});
  for (int64_t step = 0; step < steps; ++step) {
    test::Array g(context, test::random_values<T>(count, random));
    test::Array on_step(context, std::vector{step});
    if (rule.adam) {
      adam_step(context, Adam<T>{.count = count,
                                 .parameters = p.data(),
                                 .gradients = g.data(),
                                 .first_moment = first.data(),
                                 .second_moment = second.data(),
                                 .learning_rate = rate.data(),
                                 .step = on_step.data(),
                                 .gradient_scale = gradient_scale == 1 ? nullptr : scale.data(),
                                 .weight_decay = rule.weight_decay,
                                 .decoupled = rule.decoupled});
    } else {
      sgd_step(context, Sgd<T>{.count = count,
                               .parameters = p.data(),
                               .gradients = g.data(),
                               .momentum_buffer = rule.momentum != 0 ? first.data() : nullptr,
                               .learning_rate = rate.data(),
                               .step = on_step.data(),
                               .gradient_scale = gradient_scale == 1 ? nullptr : scale.data(),
                               .momentum = rule.momentum,
                               .weight_decay = rule.weight_decay});
    }
  }
  return p.host();
}

/// The formulas of the header, literally.
std::vector<double> reference(const Rule& rule, std::vector<double> p,
                              const std::vector<std::vector<double>>& gradients,
                              double gradient_scale) {
  const double lr = learning_rate;
  for (std::size_t i = 0; i < p.size(); ++i) {
    double m = 0, v = 0;
    for (int step = 0; step < steps; ++step) {
      double g = gradients[step][i] * gradient_scale;
      if (!rule.decoupled) g += rule.weight_decay * p[i];
      if (rule.adam) {
        if (rule.decoupled) p[i] -= lr * rule.weight_decay * p[i];
        m = 0.9 * m + 0.1 * g;
        v = 0.999 * v + 0.001 * g * g;
        const double t = step + 1;
        p[i] -=
            lr * (m / (1 - std::pow(0.9, t))) / (std::sqrt(v / (1 - std::pow(0.999, t))) + 1e-8);
      } else {
        m = step == 0 ? g : rule.momentum * m + g;
        p[i] -= lr * m;
      }
    }
  }
  return p;
}

/// A step changes p by at most lr · (1 + decay) for Adam (|update| ≤ 1 / (1 − β₁) at worst) and lr
/// · |g| / (1 − momentum) for SGD: below 0.11 either way. Each is computed with some twelve
/// roundings, and each changes p with one rounding of |p| ≤ 2.
template <class T, class Context>
void check(const Context& context, const Rule& rule, int64_t count, T gradient_scale) {
  std::mt19937 random(count);
  const auto widen = [&] {
    const std::vector<T> values = test::random_values<T>(count, random);
    return std::vector<double>(values.begin(), values.end());
  };
  const std::vector<double> initial = widen();
  std::vector<std::vector<double>> gradients;
  for (int step = 0; step < steps; ++step) gradients.push_back(widen());
  const std::vector<double> expected =
      reference(rule, initial, gradients, static_cast<double>(gradient_scale));
  const std::vector<T> actual = run(context, rule, count, gradient_scale);
  const double bound = steps * double(std::numeric_limits<T>::epsilon()) * (12 * 0.11 + 2);
  for (int64_t i = 0; i < count; ++i) ASSERT_NEAR(actual[i], expected[i], bound) << i;
}

TEST(Optimizer, EveryRuleFollowsItsFormula) {
  for (const Rule& rule : rules) {
    for (const int64_t count : {1, 7, 101, 20011}) {
      SCOPED_TRACE(testing::Message() << (rule.adam ? "adam " : "sgd ") << rule.weight_decay << " "
                                      << rule.momentum << ", count " << count);
      test::on_each_device([&]<class T>(const auto& context, T) {
        check<T>(context, rule, count, T{1});
        check<T>(context, rule, count, T(0.3));
      });
    }
  }
}

TEST(Optimizer, BitsDoNotDependOnTheNumberOfThreads) {
  for (const Rule& rule : rules) {
    const auto results =
        test::with_thread_counts([&] { return run<float>(Cpu{}, rule, 40009, 0.3f); });
    EXPECT_EQ(results[0], results[1]);
    EXPECT_EQ(results[0], results[2]);
  }
}

TEST(ClipScale, ShrinksLongGradientsOnly) {
  test::on_each_device([]<class T>(const auto& context, T) {
    const auto scale_of = [&context](T squares, double max_norm) {
      test::Array sum(context, std::vector{squares}), scale(context, std::vector{T{-1}});
      clip_scale(context, sum.data(), max_norm, scale.data());
      return scale.host()[0];
    };
    EXPECT_EQ(scale_of(0.25, 1), 1);
    EXPECT_EQ(scale_of(0, 1), 1);
    EXPECT_EQ(scale_of(16, 1), static_cast<T>(1 / (4 + 1e-6)));
    EXPECT_TRUE(std::isnan(scale_of(std::numeric_limits<T>::quiet_NaN(), 1)));
  });
}

}  // namespace
}  // namespace stroma::kernels
