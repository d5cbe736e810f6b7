#include "layers/network.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <iostream>
#include <random>

#include "engine/safetensors.h"
#include "kernels/error.h"
#include "layers/conv1d_letters.h"
#include "layers/softmax_cross_entropy.h"
#include "tests/folder.h"
#include "tests/tensors.h"

namespace stroma {
namespace {

TrainingClock clock_at(int64_t step) {
  return {.seed = 7, .step = Tensor::of<int64_t>({step}, {1})};
}

LetterBatch random_batch(int64_t batch, int64_t length, int letters) {
  std::mt19937 random(1);
  std::vector<uint8_t> codes(1000);
  for (uint8_t& code : codes) code = static_cast<uint8_t>(random() % letters);
  std::vector<int64_t> starts(batch);
  for (int64_t& start : starts) start = static_cast<int64_t>(random() % (1000 - length));
  return {Tensor::of(codes, {1000}), Tensor::of(starts, {batch}), length};
}

/// Logits and gradients of a golden file of tests/golden/network.py, which computed them in
/// float64. What float32 loses over some hundred chained sums of some hundred products stays under
/// 1e-4, the agreement that the project promises; a wrong gate or position is 1e3 times that.
void expect_agreement(const std::string& path) {
  const SafetensorsFile file = read_safetensors(path);
  const auto& golden = file.tensors;
  const ModelSpec spec = parse_model_spec(file.metadata.at("spec"), "spec");
  InputStandardization standardization;
  if (spec.standardize) standardization = {golden.at("mean"), golden.at("inverse_sd")};
  Network network(spec, golden.at("logits").size(1), standardization, clock_at(0), Device{});
  std::map<std::string, Tensor> weights;
  for (const auto& [name, tensor] : golden) {
    if (name.starts_with("weight.")) weights[name.substr(7)] = tensor;
  }
  network.load(weights);
  network.train(false);

  const LetterBatch batch{golden.at("codes"), golden.at("starts"), spec.length};
  const Variable from_letters = network.forward(batch);
  const double logits_error = test::relative_error(from_letters.value(), golden.at("logits"));
  EXPECT_LT(logits_error, 1e-4);
  const int64_t letters = spec.alphabet == "protein" ? 20 : 4;
  const Variable from_one_hot = network.forward(one_hot(batch, letters, standardization));
  EXPECT_LT(test::relative_error(from_one_hot.value(), golden.at("logits")), 1e-4);
  double largest_error = 0;
  for (const Variable& logits : {from_letters, from_one_hot}) {
    for (auto& [name, variable] : network.parameters()) variable.zero_grad();
    backward(softmax_cross_entropy(logits, golden.at("labels")));
    for (const auto& [name, variable] : network.parameters()) {
      const double error = test::relative_error(variable.grad(), golden.at("grad." + name));
      EXPECT_LT(error, 1e-4) << name;
      largest_error = std::max(largest_error, error);
    }
  }
  std::cout << "relative error of " << golden.at("logits").size(0) << " windows: logits "
            << logits_error << ", gradients at most " << largest_error << "\n";
}

TEST(Network, AgreesWithPyTorchOnTheDnaModel) {
  expect_agreement(test::folder() / "golden/network_dna.safetensors");
}

TEST(Network, AgreesWithPyTorchOnTheProteinModel) {
  expect_agreement(test::folder() / "golden/network_protein.safetensors");
}

TEST(Network, AgreesWithPyTorchOnABranchedModel) {
  expect_agreement(test::folder() / "golden/network_branched.safetensors");
}

TEST(Network, AgreesWithPyTorchOnSharedWeightsAndNormalisation) {
  expect_agreement(test::folder() / "golden/network_shared.safetensors");
}

TEST(Network, AgreesWithTheNamedPyTorchFile) {
  const char* path = std::getenv("STROMA_NETWORK_GOLDEN");
  if (!path) GTEST_SKIP() << "tests/golden/compare_network.py names one";
  expect_agreement(path);
}

TEST(Network, TheBuiltInModelsHaveTheSizeOfThePaper) {
  // By hand: 832 + 24,704 + 264,192 + 395,264 + 25,700 + 8,080 + 8,100.
  EXPECT_EQ(parameter_count(load_model_spec("cnn-lstm-dna"), 100), 726872);
  // 3,904 + 24,704 + 49,664 + 4,160 + 3,055.
  EXPECT_EQ(parameter_count(load_model_spec("cnn-lstm-protein"), 47), 85487);
}

ModelSpec spec_of(const std::string& layers) {
  return parse_model_spec(
      "name = \"m\"\nalphabet = \"dna\"\nlength = 12\nlayers = [\n" + layers + "]", "m.toml");
}

const std::string to_classes = "{type='linear', name='out', out_features='classes'}\n";

TEST(Network, AnyFirstLayerReadsLetters) {
  const LetterBatch batch = random_batch(5, 12, 5);  // letter 4 is unknown
  for (const std::string first : {
           "{type='conv1d', name='a', out_channels=6, kernel_size=3, groups=2}, {type='flatten'},",
           "{type='conv1d', name='a', out_channels=6, kernel_size=5, stride=2}, {type='flatten'},",
           "{type='conv1d', name='a', out_channels=3, kernel_size=2, dilation=3}, {type='relu'},"
           "{type='max_pool1d', kernel_size=2}, {type='flatten'},",
           "{type='lstm', name='a', hidden_size=3, output='last'},",
           "{type='lstm', name='a', hidden_size=3, bidirectional=true}, {type='tanh'},"
           "{type='flatten'},",
           "{type='average_pool1d', kernel_size=3}, {type='sigmoid'}, {type='flatten'},",
           "{type='relu'}, {type='max_pool1d', kernel_size=3}, {type='flatten'},",
           "{type='flatten'},",
       }) {
    SCOPED_TRACE(first);
    Network network(spec_of(first + to_classes), 4, {}, clock_at(0), Device{});
    const Variable logits = network.forward(batch);
    ASSERT_EQ(logits.shape(), (Shape{5, 4}));
    const Tensor dense = network.forward(one_hot(batch, 4, {})).value();
    for (int64_t i = 0; i < 20; ++i) {
      // Sums of at most 48 products of numbers under 1, in another order.
      EXPECT_NEAR(logits.value().data<float>()[i], dense.data<float>()[i], 1e-5);
    }
    backward(softmax_cross_entropy(logits, Tensor::of<int32_t>({0, 1, 2, 3, 0}, {5})));
    for (const auto& [name, variable] : network.parameters()) {
      EXPECT_TRUE(variable.grad().defined()) << name;
    }
  }
}

std::string refusal(const std::string& layers, int64_t classes = 3) {
  try {
    Network(spec_of(layers), classes, {}, clock_at(0), Device{});
  } catch (const Error& error) {
    return error.what();
  }
  return "(accepted)";
}

TEST(Network, NamesTheLayerThatDoesNotFit) {
  const struct {
    std::string layers, says;
  } cases[] = {
      {"{type='flatten'},\n" + to_classes, "(accepted)"},
      {to_classes,
       "m.toml:5: layer 1 (linear 'out'): the last layer gives a sequence [12, batch, 3], and the "
       "data has 3 classes; end with a linear layer of out_features = \"classes\" that reads a "
       "vector, of a flatten layer or a global pool"},
      {"{type='max_pool1d', kernel_size=5},\n{type='max_pool1d', "
       "kernel_size=3},\n{type='flatten'}," +
           to_classes,
       "m.toml:6: layer 2 (max_pool1d): a window of 3 positions is longer than the 2 that are "
       "left"},
      {"{type='conv1d', name='c', out_channels=2, kernel_size=7, dilation=2},", "kernel of 13 pos"},
      {"{type='conv1d', name='c', out_channels=2, kernel_size=1, groups=3},",
       "groups = 3 does not divide its 4 input and 2 output channels"},
      {"{type='conv1d', name='c', out_channels=1, kernel_size=1}, {type='layer_norm', name='n'},",
       "layer 2 (layer_norm 'n'): it normalises over channels, and of one alone it makes the same"},
      {"{type='conv1d', name='c', out_channels=2, kernel_size=2, stride=2, padding='same'},",
       "padding = \"same\" of a convolution needs stride = 1"},
      {"{type='conv1d', name='c', out_channels=2, kernel_size=2, padding='valid'},",
       "'padding' in layer 1 (conv1d)"},
      {"{type='flatten'}, {type='global_max_pool1d'},",
       "layer 2 (global_max_pool1d): it reads a sequence"},
      {"{type='flatten'}, {type='flatten'},", "layer 2 (flatten): it reads a sequence, and what"},
      {"{type='lstm', name='l', hidden_size=3, output='last'}, {type='relu'}, "
       "{type='max_pool1d', kernel_size=2}",
       "layer 3 (max_pool1d): it reads a sequence, and what comes before gives a vector [batch, "
       "3]"},
      {"{type='flatten'}, {type='linear', name='f', out_features=5}",
       "layer 2 (linear 'f'): the last layer gives a vector [batch, 5], and the data has 3 "
       "classes"},
      {"{type='relu'}", "the last layer gives a sequence [12, batch, 4]"},
  };
  for (const auto& [layers, says] : cases) {
    EXPECT_NE(refusal(layers).find(says), std::string::npos)
        << layers << "\n-> " << refusal(layers);
  }
}

TEST(Network, RefusesWindowsOfAnotherLength) {
  Network network(spec_of("{type='lstm', name='l', hidden_size=3, output='last'}," + to_classes), 2,
                  {}, clock_at(0), Device{});
  EXPECT_THROW(network.forward(random_batch(2, 11, 4)), Error);
}

TEST(Network, LoadsAllWeightsOrNone) {
  const std::string layers =
      "{type='flatten'}, {type='linear', name='a', out_features=2}," + to_classes;
  Network network(spec_of(layers), 3, {}, clock_at(0), Device{});
  std::map<std::string, Tensor> weights;
  for (const auto& [name, variable] : network.parameters()) {
    weights[name] = Tensor::zeros(variable.shape());
  }
  ASSERT_EQ(weights.size(), 4u);
  const auto says = [&](const std::map<std::string, Tensor>& changed) -> std::string {
    try {
      network.load(changed);
    } catch (const Error& error) {
      return error.what();
    }
    return "(accepted)";
  };
  const auto first = [&] { return network.parameters()[0].variable.value().data<float>()[0]; };
  auto changed = weights;
  changed.erase("out.bias");
  EXPECT_NE(says(changed).find("'out.bias' is missing"), std::string::npos);
  changed = weights;
  changed["out.scale"] = Tensor::zeros({1});
  EXPECT_NE(says(changed).find("it has no 'out.scale'"), std::string::npos);
  changed = weights;
  changed["out.weight"] = Tensor::zeros({2, 3});
  EXPECT_NE(says(changed).find("'out.weight' is [2, 3] of float32, and [3, 2]"), std::string::npos);
  changed["out.weight"] = Tensor::zeros({3, 2}, DType::float64);
  EXPECT_NE(says(changed).find("of float64, and"), std::string::npos);
  EXPECT_NE(first(), 0);
  EXPECT_EQ(says(weights), "(accepted)");
  EXPECT_EQ(first(), 0);
}

TEST(Network, DropsInTrainingOnlyAndByTheStep) {
  const ModelSpec spec = spec_of(
      "{type='lstm', name='l', hidden_size=9, num_layers=3, dropout=0.5, output='last'},"
      "{type='dropout', probability=0.5}, {type='linear', name='f', out_features=64},"
      "{type='dropout', probability=0.5}," +
      to_classes);
  const LetterBatch batch = random_batch(3, 12, 4);
  const auto logits = [&](int64_t step, bool training) {
    Network network(spec, 2, {}, clock_at(step), Device{});
    network.train(training);
    return network.forward(batch).value().to_vector<float>();
  };
  EXPECT_EQ(logits(0, false), logits(1, false));
  EXPECT_EQ(logits(1, true), logits(1, true));
  EXPECT_NE(logits(1, true), logits(2, true));
  EXPECT_NE(logits(1, true), logits(1, false));
}

TEST(Network, SaysWhereItDrops) {
  const Network network(
      spec_of("{type='dropout', probability=0.1},"
              "{type='lstm', name='l', hidden_size=9, num_layers=3, bidirectional=true,"
              " dropout=0.5, output='last'}, {type='dropout', probability=0},"
              "{type='dropout', name='d', probability=0.25}," +
              to_classes),
      2, {}, clock_at(0), Device{});
  const auto first = static_cast<uint32_t>(RandomStream::dropout);
  const DropoutPlace expected[] = {{"1", first, 0.1f, {12, 4}},
                                   {"l_l0", first + 1, 0.5f, {12, 18}},
                                   {"l_l1", first + 2, 0.5f, {12, 18}},
                                   {"d", first + 4, 0.25f, {18}}};
  ASSERT_EQ(network.dropouts().size(), std::size(expected));
  for (std::size_t i = 0; i < std::size(expected); ++i) {
    const DropoutPlace& place = network.dropouts()[i];
    EXPECT_EQ(place.name, expected[i].name);
    EXPECT_EQ(place.stream, expected[i].stream) << place.name;
    EXPECT_EQ(place.probability, expected[i].probability) << place.name;
    EXPECT_EQ(place.shape, expected[i].shape) << place.name;
  }
}

TEST(Network, ASeedGivesTheWeights) {
  const ModelSpec spec = load_model_spec("cnn-lstm-protein");
  const auto weights = [&](uint64_t seed) {
    const Network network(spec, 3, {}, {.seed = seed, .step = {}}, Device{});
    std::vector<float> all;
    for (const auto& [name, variable] : network.parameters()) {
      for (const float value : variable.value().to_vector<float>()) all.push_back(value);
    }
    return all;
  };
  EXPECT_EQ(weights(1), weights(1));
  EXPECT_NE(weights(1), weights(2));
}

}  // namespace
}  // namespace stroma
