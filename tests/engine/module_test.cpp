#include "engine/module.h"

#include <gtest/gtest.h>

namespace stroma {
namespace {

struct Part : Module {
  explicit Part(float value) {
    weight = register_parameter("weight", Tensor::of<float>({value}, {1}));
    mean = register_buffer("mean", Tensor::of<float>({10 * value}, {1}));
  }
  Variable weight;
  Tensor mean;
};

struct Whole : Module {
  Whole() {
    register_child("first", first);
    scale = register_parameter("scale", Tensor::of<float>({3}, {1}));
    register_child("second", second);
  }
  Part first{1}, second{2};
  Variable scale;
};

struct Outer : Module {
  Outer() { register_child("model", whole); }
  Whole whole;
};

TEST(Module, ListsItsOwnParametersThenItsChildrensByDottedName) {
  const Outer outer;
  std::vector<std::string> names;
  std::vector<float> values;
  for (const NamedParameter& parameter : outer.parameters()) {
    names.push_back(parameter.name);
    values.push_back(parameter.variable.value().item<float>());
    EXPECT_TRUE(parameter.variable.requires_grad());
  }
  EXPECT_EQ(names,
            (std::vector<std::string>{"model.scale", "model.first.weight", "model.second.weight"}));
  EXPECT_EQ(values, (std::vector<float>{3, 1, 2}));
}

TEST(Module, ListedParametersAreTheModulesOwn) {
  const Part part(1);
  part.parameters()[0].variable.value().data<float>()[0] = 7;
  EXPECT_EQ(part.weight.value().item<float>(), 7);
}

TEST(Module, ListsBuffersByDottedNameAndBehindTheParametersInItsState) {
  const Outer outer;
  const auto names = [](const std::vector<NamedTensor>& tensors) {
    std::vector<std::string> all;
    for (const NamedTensor& tensor : tensors) all.push_back(tensor.name);
    return all;
  };
  EXPECT_EQ(names(outer.buffers()),
            (std::vector<std::string>{"model.first.mean", "model.second.mean"}));
  EXPECT_EQ(names(outer.state()),
            (std::vector<std::string>{"model.scale", "model.first.weight", "model.second.weight",
                                      "model.first.mean", "model.second.mean"}));
  EXPECT_EQ(outer.state().back().tensor.item<float>(), 20);
}

TEST(Module, ListedBuffersAreTheModulesOwn) {
  Part part(1);
  part.mean.data<float>()[0] = 7;
  EXPECT_EQ(part.buffers()[0].tensor.item<float>(), 7);
}

TEST(Module, TrainReachesAllChildren) {
  Outer outer;
  EXPECT_TRUE(outer.whole.second.training());
  outer.train(false);
  EXPECT_FALSE(outer.training());
  EXPECT_FALSE(outer.whole.second.training());
  outer.train();
  EXPECT_TRUE(outer.whole.second.training());
}

}  // namespace
}  // namespace stroma
