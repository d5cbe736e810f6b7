#include "layers/init.h"

#include <gtest/gtest.h>

#include <algorithm>

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

}  // namespace
}  // namespace stroma
