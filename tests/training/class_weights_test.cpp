#include "training/class_weights.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "datasets/dataset.h"
#include "kernels/error.h"

namespace stroma {
namespace {

using testing::ElementsAre;
using testing::FloatEq;

/// 98 examples of class 0, 37 of class 1, and a class of which there are none to train on.
struct Data {
  Dataset dataset;
  std::vector<int32_t> train;

  Data() {
    dataset.labels = {"r", "s", "t"};
    for (int32_t i = 0; i < 136; ++i) {
      dataset.examples.push_back({i, 0, i < 98 ? 0 : i < 135 ? 1 : 2});
      if (i < 135) train.push_back(i);
    }
  }

  std::vector<float> weights(const std::string& rule) const {
    RunConfig config;
    config.model.training.class_weights = read_class_weights(rule);
    return class_weights_of(config, dataset, train, {}).to_vector<float>();
  }
};

TEST(ClassWeights, AreTheInverseOfTheShareOfAClass) {
  EXPECT_THAT(Data().weights("inverse"),
              ElementsAre(FloatEq(135.0f / 98), FloatEq(135.0f / 37), 1));
}

TEST(ClassWeights, BalancedAreScikitLearns) {
  Data data;
  data.dataset.labels.pop_back();
  data.dataset.examples.pop_back();
  EXPECT_THAT(data.weights("balanced"),
              ElementsAre(FloatEq(135.0f / (2 * 98)), FloatEq(135.0f / (2 * 37))));
}

TEST(ClassWeights, GivenOnesAreInTheOrderOfTheLabels) {
  EXPECT_THAT(Data().weights("t:3,r:1,s:2"), ElementsAre(1, 2, 3));
}

TEST(ClassWeights, NameTheLabelThatIsMissingOrTooMany) {
  EXPECT_THROW(Data().weights("r:1,s:1"), Error);
  EXPECT_THROW(Data().weights("r:1,s:1,t:1,u:1"), Error);
}

TEST(ClassWeights, AreNoneWhereAllCountTheSame) {
  const Data data;
  EXPECT_FALSE(class_weights_of({}, data.dataset, data.train, {}).defined());
}

}  // namespace
}  // namespace stroma
