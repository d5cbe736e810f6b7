// The built-in models are what they are named after.
#include <gtest/gtest.h>

#include <map>

#include "layers/network.h"

namespace stroma {
namespace {

TEST(BuiltInModels, AreNamedAsTheirFiles) {
  for (const std::string& name : built_in_models()) EXPECT_EQ(load_model_spec(name).name, name);
}

TEST(BuiltInModels, HaveTheParametersOfTheirSources) {
  // Weights and biases, layer by layer, of a model that tells two classes apart.
  const std::map<std::string, int64_t> parameters = {
      {"cnn-lstm-dna", (4 * 3 + 1) * 64 + (64 * 3 + 1) * 128 + 2 * 512 * (128 + 128 + 2) +
                           2 * 512 * (256 + 128 + 2) + 257 * 100 + 101 * 80 + 81 * 2},
      {"cnn-lstm-protein",
       (20 * 3 + 1) * 64 + (64 * 3 + 1) * 128 + 256 * (128 + 64 + 2) + 65 * 64 + 65 * 2},
      {"tisrover", (4 * 9 + 1) * 50 + (50 * 7 + 1) * 62 + (62 * 7 + 1) * 75 + (75 * 7 + 1) * 87 +
                       (87 * 7 + 1) * 100 + (100 * 6 + 1) * 128 + 129 * 2},
      // A recurrence has two biases a gate, as in PyTorch: of the simple one 8,609 + 64 + 32 (with
      // one logit), which Keras has as one.
      {"rnn-amr", 64 * (4 + 64 + 2) + 32 * (64 + 32 + 2) + 33 * 32 + 33},
      {"lstm-amr", 4 * 64 * (4 + 64 + 2) + 4 * 32 * (64 + 32 + 2) + 33 * 32 + 33},
      {"bilstm-amr", 2 * 4 * 64 * (4 + 64 + 2) + 2 * 4 * 32 * (128 + 32 + 2) + 65 * 32 + 33},
      {"linear-svm", 161 * 2},
      {"rnn", 2 * 128 * (4 + 128 + 2) + 257 * 100 + 101 * 2},
      {"splicerover", (4 * 9 + 1) * 70 + (70 * 7 + 1) * 100 + (100 * 7 + 1) * 100 +
                          (100 * 7 + 1) * 200 + (200 * 7 + 1) * 250 + (250 * 8 + 1) * 512 +
                          513 * 2},
      {"splicerover-short", (4 * 9 + 1) * 70 + (70 * 7 + 1) * 100 + (100 * 7 + 1) * 150 +
                                (150 * 16 + 1) * 512 + 513 * 2},
      {"tisrover-plus",
       (4 * 7 + 1) * 32 + (32 * 3 + 1) * 64 + (64 * 3 + 1) * 128 + (128 * 6 + 1) * 128 + 129 * 2},
      {"mlp", 161 * 256 + 257 * 128 + 129 * 2},
      {"cnn", (4 * 3 + 1) * 64 + (64 * 3 + 1) * 128 + 1281 * 100 + 101 * 2},
  };
  for (const std::string& name : built_in_models()) {
    if (name == "aggregated") continue;  // network_aggregated_test.cpp asks PyTorch
    ASSERT_TRUE(parameters.contains(name)) << name;
    ModelSpec spec = load_model_spec(name);
    if (spec.length == 0) spec.length = 1296;  // that of the longest, on which they do not depend
    EXPECT_EQ(parameter_count(spec, 2), parameters.at(name)) << name;
  }
}

}  // namespace
}  // namespace stroma
