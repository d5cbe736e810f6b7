#include "layers/init.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace stroma {
namespace {

TEST(UniformParameter, FillsTheRangeEvenly) {
  InitialWeights init{.seed = 3};
  const float bound = 0.3f;
  const std::vector<float> values = uniform_parameter({100003}, bound, init).to_vector<float>();
  EXPECT_GE(*std::min_element(values.begin(), values.end()), -bound);
  EXPECT_LT(*std::max_element(values.begin(), values.end()), bound);
  // A tenth of the range holds n/10 of n numbers, with a standard deviation of √(0.09 n) = 95; six
  // of those never happen by chance.
  std::vector<int> tenth(10);
  for (const float value : values) ++tenth[std::min(9, int((value + bound) / (2 * bound) * 10))];
  for (const int count : tenth) EXPECT_NEAR(count, 10000.3, 570);
}

TEST(UniformParameter, IsOneStreamPerParameterAndTheSameInFloat64) {
  InitialWeights init{.seed = 3}, again{.seed = 3}, wide{.seed = 3, .dtype = DType::float64};
  const std::vector<float> first = uniform_parameter({5, 3}, 1, init).to_vector<float>();
  const std::vector<float> second = uniform_parameter({5, 3}, 1, init).to_vector<float>();
  EXPECT_NE(first, second);
  EXPECT_EQ(uniform_parameter({15}, 1, again).to_vector<float>(), first);
  EXPECT_EQ(uniform_parameter({15}, 1, again).to_vector<float>(), second);
  const std::vector<double> doubles = uniform_parameter({15}, 1, wide).to_vector<double>();
  EXPECT_TRUE(std::equal(first.begin(), first.end(), doubles.begin()));
}

TEST(NormalParameter, HasTheMomentsAndTailsOfTheNormalDistribution) {
  InitialWeights init{.seed = 4, .dtype = DType::float64};
  constexpr int64_t count = 100003;
  const std::vector<double> values = normal_parameter({count}, init).to_vector<double>();
  const auto mean_of_power = [&](int power) {
    return std::accumulate(values.begin(), values.end(), 0.0,
                           [&](double sum, double x) { return sum + std::pow(x, power); }) /
           count;
  };
  // The mean of xᵖ over n numbers has the variance (E x²ᵖ − (E xᵖ)²) / n: 1, 2, 15 and 96 for
  // p = 1, 2, 3, 4. Six standard deviations never happen by chance.
  EXPECT_NEAR(mean_of_power(1), 0, 6 * std::sqrt(1.0 / count));
  EXPECT_NEAR(mean_of_power(2), 1, 6 * std::sqrt(2.0 / count));
  EXPECT_NEAR(mean_of_power(3), 0, 6 * std::sqrt(15.0 / count));
  EXPECT_NEAR(mean_of_power(4), 3, 6 * std::sqrt(96.0 / count));
}

/// The largest absolute value, which for n numbers uniform up to a bound b is above b (1 − 20 / n)
/// but with a probability of e⁻²⁰.
double largest(const Tensor& tensor) {
  double most = 0;
  for (const float x : tensor.to_vector<float>()) most = std::max(most, std::abs(double{x}));
  return most;
}

TEST(InitialWeights, AreUniformUpToTheBoundOfTheirFramework) {
  constexpr int64_t out = 100, in = 50, taps = 3;
  constexpr double nearly = 1 - 20.0 / (out * in * taps);
  for (const Init scheme : {Init::pytorch, Init::keras}) {
    InitialWeights init{.seed = 5, .scheme = scheme};
    const double bound = scheme == Init::keras ? std::sqrt(6.0 / (taps * in + taps * out))
                                               : 1 / std::sqrt(double{taps * in});
    const double most = largest(initial_kernel({out, in, taps}, taps * in, taps * out, init));
    EXPECT_LE(most, bound * (1 + 1e-7)) << to_string(scheme);
    EXPECT_GE(most, bound * nearly) << to_string(scheme);
    const double most_of_bias = largest(initial_bias({10000}, 25, init));
    if (scheme == Init::keras) {
      EXPECT_EQ(most_of_bias, 0);
    } else {
      EXPECT_NEAR(most_of_bias, 0.2, 0.2 * 20 / 10000);
    }
  }
}

TEST(InitialWeights, OfARecurrenceAreOrthogonalColumnsInKeras) {
  for (const auto& [gates, hidden] : {std::pair{1, 1}, {1, 2}, {1, 37}, {3, 13}, {4, 64}}) {
    InitialWeights init{.seed = 6, .dtype = DType::float64, .scheme = Init::keras};
    const std::vector<double> w = initial_recurrent(gates, hidden, init).to_vector<double>();
    const int rows = gates * hidden;
    for (int a = 0; a < hidden; ++a) {
      for (int b = 0; b < hidden; ++b) {
        double product = 0;
        for (int row = 0; row < rows; ++row) product += w[row * hidden + a] * w[row * hidden + b];
        // Sums of at most 256 products of which the absolute values sum to 1 at most.
        EXPECT_NEAR(product, a == b, 256 * 2.3e-16) << gates << " gates, hidden size " << hidden;
      }
    }
  }
}

TEST(InitialWeights, OfOneParameterDoNotDependOnHowThoseBeforeItAreDrawn) {
  std::vector<std::vector<float>> after;
  for (const Init scheme : {Init::pytorch, Init::keras}) {
    InitialWeights init{.seed = 7, .scheme = scheme};
    initial_kernel({2, 3}, 3, 2, init);
    initial_bias({2}, 3, init);
    initial_recurrent(4, 2, init);
    after.push_back(uniform_parameter({5}, 1, init).to_vector<float>());
  }
  EXPECT_EQ(after[0], after[1]);
}

}  // namespace
}  // namespace stroma
