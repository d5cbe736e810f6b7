// Weights in Keras' layout: models that Keras made, and back to where they came from.
#include "layers/keras_layout.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

#include "kernels/error.h"
#include "tests/golden.h"
#include "tests/gradient_check.h"

namespace stroma {
namespace {

ModelSpec spec_of(const std::string& layers) {
  return parse_model_spec("name = \"m\"\nalphabet = \"dna\"\nlength = 12\nlayers = [\n" + layers +
                              "{type='linear', name='out', out_features='classes'}]",
                          "m.toml");
}

/// The models of tests/golden/keras_layout.py.
const char* const recurrent_layers =
    "{type='conv1d', name='conv', out_channels=6, kernel_size=3, padding=1}, {type='relu'},"
    "{type='lstm', name='walk', hidden_size=4, num_layers=2, bidirectional=true},"
    "{type='gru', name='units', hidden_size=3, bidirectional=true},"
    "{type='gru', name='one_way', hidden_size=5},"
    "{type='rnn', name='plain', hidden_size=4, bidirectional=true, output='final'},";
const char* const flattened_layers =
    "{type='conv1d', name='conv', out_channels=6, kernel_size=3, groups=2, stride=2},"
    "{type='flatten', name='a'},"
    "{type='lstm', name='lstm', hidden_size=4, output='last', inputs=['input']},"
    "{type='rnn', name='rnn', hidden_size=4, nonlinearity='relu', inputs=['input']},"
    "{type='flatten', name='c'},"
    "{type='concat', inputs=['a', 'lstm', 'c']}, {type='tanh'},"
    "{type='linear', name='fc', out_features=7}, {type='relu'},";

const char* const normalised_layers =
    "{type='conv1d', name='conv', out_channels=6, kernel_size=3},"
    "{type='batch_norm1d', name='norm', eps=1e-3}, {type='layer_norm', name='rows', eps=1e-3},"
    "{type='flatten'}, {type='batch_norm1d', name='all', eps=1e-3},";

constexpr int64_t classes = 3;

Network network_of(const ModelSpec& spec) {
  return {spec, classes, {}, {.seed = 5, .step = {}}, {}};
}

NamedWeights state_of(const Network& network) {
  NamedWeights weights;
  for (const auto& [name, tensor] : network.state()) weights[name] = tensor;
  return weights;
}

/// Those of one model in the golden file, without its name.
NamedWeights part_of(const NamedWeights& golden, const std::string& model) {
  NamedWeights part;
  for (const auto& [name, tensor] : golden) {
    if (name.starts_with(model + ":")) part[name.substr(model.size() + 1)] = tensor;
  }
  return part;
}

void check_against_keras(const std::string& model, const std::string& layers) {
  SCOPED_TRACE(model);
  const NamedWeights golden = test::load_golden("keras_layout");
  NamedWeights weights = part_of(golden, model);
  const std::vector<double> expected = test::doubles(weights.extract("logits").mapped());
  const ModelSpec spec = spec_of(layers);
  ASSERT_TRUE(in_keras_layout(spec, weights));
  Network network = network_of(spec);
  network.load(from_keras(spec, classes, network, weights));
  network.train(false);
  const std::vector<double> logits =
      test::doubles(network.forward(Variable(golden.at("input"))).value());
  ASSERT_EQ(logits.size(), expected.size());
  // Both compute in float: each of at most nine layers rounds sums of at most 82 products of
  // numbers near 1, and the recurrences hand errors on over 12 steps.
  for (std::size_t i = 0; i < logits.size(); ++i) EXPECT_NEAR(logits[i], expected[i], 1e-5);

  const NamedWeights back = to_keras(spec, classes, state_of(network));
  ASSERT_EQ(back.size(), weights.size());
  for (const auto& [name, tensor] : weights) {
    ASSERT_TRUE(back.contains(name)) << name;
    EXPECT_EQ(back.at(name).shape(), tensor.shape()) << name;
    EXPECT_EQ(back.at(name).to_vector<float>(), tensor.to_vector<float>()) << name;
  }
}

TEST(KerasLayout, GivesTheLogitsThatKerasGives) {
  check_against_keras("recurrent", recurrent_layers);
  check_against_keras("flattened", flattened_layers);
  check_against_keras("normalised", normalised_layers);
}

TEST(KerasLayout, ThereAndBackIsTheSameModel) {
  for (const char* layers : {recurrent_layers, flattened_layers, normalised_layers}) {
    const ModelSpec spec = spec_of(layers);
    Network first = network_of(spec), second = network_of(spec);
    const NamedWeights weights = state_of(first);
    EXPECT_FALSE(in_keras_layout(spec, weights));
    second.load(from_keras(spec, classes, second, to_keras(spec, classes, weights)));
    for (const auto& [name, tensor] : state_of(second)) {
      // An LSTM's two biases have become one.
      if (name.find("bias_") != std::string::npos) continue;
      if (tensor.dtype() == DType::int64) continue;  // Keras counts no batches
      EXPECT_EQ(tensor.to_vector<float>(), weights.at(name).to_vector<float>()) << name;
    }
    std::mt19937 random(3);
    const Variable input(test::as<float>(test::random_tensor({12, 4, 4}, random)));
    const auto logits = [&](Network& network) {
      return test::doubles(network.forward(input).value());
    };
    const std::vector<double> a = logits(first), b = logits(second);
    // The sum of two biases is rounded once more.
    for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], 1e-6);
  }
}

TEST(KerasLayout, WeightsThatDoNotFitAreNamed) {
  const ModelSpec spec = spec_of(recurrent_layers);
  Network network = network_of(spec);
  const NamedWeights good = to_keras(spec, classes, state_of(network));
  const auto refused = [&](const NamedWeights& weights, const std::string& part) {
    try {
      from_keras(spec, classes, network, weights);
      ADD_FAILURE() << "no error: " << part;
    } catch (const Error& error) {
      const std::string message = error.what();
      EXPECT_NE(message.find("the weights do not fit the model 'm': "), std::string::npos);
      EXPECT_NE(message.find(part), std::string::npos) << message;
    }
  };
  NamedWeights weights = good;
  weights.erase("one_way/gru_cell/bias");
  refused(weights, "'one_way/gru_cell/bias' is missing");
  weights = good;
  weights["conv/kernel"] = Tensor::zeros({6, 4, 3});
  refused(weights, "'conv/kernel' is [6, 4, 3] of float32, and [3, 4, 6] of float32 is needed");
  weights = good;
  weights["more/kernel"] = Tensor::zeros({1});
  refused(weights, "it has no 'more/kernel'");
}

TEST(KerasLayout, HasATableOfVectorsAsItIs) {
  const ModelSpec spec = parse_model_spec(
      "name = \"m\"\nalphabet = \"dna\"\nlength = 6\nencoding = \"kmer_tokens\"\nk = 2\nlayers = "
      "[\n"
      "{type='embedding', name='e', embedding_dim=3}, {type='gru', name='g', hidden_size=2,"
      " output='last'}, {type='linear', name='out', out_features='classes'}]",
      "m.toml");
  const NamedWeights weights = state_of(network_of(spec));
  const Tensor table = to_keras(spec, classes, weights).at("e/embeddings");
  EXPECT_EQ(table.shape(), weights.at("e.weight").shape());
  EXPECT_EQ(table.to_vector<float>(), weights.at("e.weight").to_vector<float>());
}

TEST(KerasLayout, WhatKerasDoesNotHaveIsNamed) {
  const ModelSpec spec = spec_of(
      "{type='multi_head_attention', name='a', num_heads=2}, {type='gru', name='g', hidden_size=2,"
      " output='last'},");
  try {
    to_keras(spec, classes, state_of(network_of(spec)));
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "m.toml:5: layer 1 (multi_head_attention 'a'): its weights have no layout in "
                 "Keras; take --layout pytorch");
  }
}

TEST(KerasLayout, AFlattenedSequenceMeetsNothingInAnotherOrder) {
  const ModelSpec spec = spec_of(
      "{type='flatten', name='a'}, {type='linear', name='b', out_features=48},"
      "{type='add', inputs=['a', 'b']},");
  const Network network = network_of(spec);
  try {
    to_keras(spec, classes, state_of(network));
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    const std::string message = error.what();
    EXPECT_NE(message.find("m.toml:5: layer 3 (add): "), std::string::npos) << message;
    EXPECT_NE(message.find("--layout pytorch"), std::string::npos) << message;
  }
}

}  // namespace
}  // namespace stroma
