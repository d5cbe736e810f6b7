#include "augment/balance.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

namespace stroma {
namespace {

TEST(Balance, GivesEachClassAsManyAsTheLargestAndRepeatsEvenly) {
  std::mt19937 generator(1);
  for (int round = 0; round < 50; ++round) {
    Dataset dataset;
    dataset.labels = {"a", "b", "c", "none"};
    std::vector<int32_t> train;
    for (int32_t i = 0; i < 40; ++i) {
      dataset.examples.push_back({0, 0, static_cast<int32_t>(generator() % 9 % 3)});
      if (generator() % 3 > 0) train.push_back(i);
    }
    const std::vector<int32_t> balanced = balanced_by_duplicates(dataset, train);
    EXPECT_TRUE(std::equal(train.begin(), train.end(), balanced.begin()));
    std::map<int32_t, int> times, of_class;
    for (const int32_t i : balanced) {
      ++times[i];
      ++of_class[dataset.examples[i].label];
    }
    EXPECT_EQ(times.size(), train.size());
    for (const auto& [i, count] : times) {
      const int32_t label = dataset.examples[i].label;
      EXPECT_EQ(of_class[label], of_class.begin()->second);
      for (const auto& [j, other] : times) {
        EXPECT_TRUE(dataset.examples[j].label != label || std::abs(count - other) <= 1);
      }
    }
  }
}

}  // namespace
}  // namespace stroma
