#include "training/learner.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <random>
#include <utility>

#include "kernels/error.h"
#include "tests/tensors.h"
#include "training/run_directory.h"

namespace stroma {
namespace {

ModelSpec small_spec() {
  return parse_model_spec(
      "name = 'small'\nalphabet = 'dna'\nlength = 12\n"
      "[[layers]]\ntype = 'conv1d'\nname = 'conv'\nout_channels = 8\nkernel_size = 3\n"
      "[[layers]]\ntype = 'relu'\n"
      "[[layers]]\ntype = 'lstm'\nname = 'lstm'\nhidden_size = 6\noutput = 'last'\n"
      "[[layers]]\ntype = 'dropout'\nprobability = 0.3\n"
      "[[layers]]\ntype = 'linear'\nname = 'fc'\nout_features = 'classes'\n",
      "small.toml");
}

constexpr int32_t examples = 700;  // more than one batch of an evaluation

/// Random windows of four classes.
Dataset random_dataset() {
  std::mt19937 random(4);
  Dataset dataset;
  dataset.length = 12;
  dataset.labels = {"a", "c", "g", "t"};
  for (int32_t i = 0; i < examples; ++i) {
    std::string letters;
    for (int j = 0; j < 12; ++j) letters += "ACGT"[random() % 4];
    dataset.sequences.push_back({std::to_string(i), letters});
    dataset.examples.push_back({i, 0, static_cast<int32_t>(random() % 4)});
  }
  return dataset;
}

Learner learner_on(Device device, const Dataset& dataset, Tensor class_weights = {}) {
  return {small_spec(),
          4,
          {},
          7,
          device,
          to_device(dataset, dna_alphabet(), device),
          std::move(class_weights)};
}

std::vector<int32_t> all() {
  std::vector<int32_t> numbers(examples);
  std::iota(numbers.begin(), numbers.end(), 0);
  return numbers;
}

// Σ w · −log p ÷ Σ w over all examples, of which there is more than one batch.
TEST(Evaluate, WeighsTheLossByClassAsTrainingDoes) {
  const Dataset dataset = random_dataset();
  const std::vector<float> weights = {1, 20, 0.5, 4};
  for (const Device device : test::devices()) {
    SCOPED_TRACE(to_string(device));
    Learner weighing = learner_on(device, dataset, Tensor::of(weights, {4}, device));
    const Evaluation weighted = evaluate(weighing, all(), true);
    double sum = 0, whole = 0, plain = 0;
    for (std::size_t i = 0; i < examples; ++i) {
      const int32_t label = dataset.examples[i].label;
      const double loss = -std::log(weighted.probabilities[i * 4 + label]);
      sum += weights[label] * loss;
      whole += weights[label];
      plain += loss / examples;
    }
    // Sums of 512 float losses near 1.4: a rounding of 6e-8 each, which add up at random.
    EXPECT_NEAR(weighted.loss, sum / whole, 1e-5);
    EXPECT_GT(std::abs(sum / whole - plain), 1e-3) << "the weights matter here";
    Learner learner = learner_on(device, dataset);
    EXPECT_NEAR(evaluate(learner, all(), false).loss, plain, 1e-5);
  }
}

// Σ s · w · −log p ÷ Σ s · w, over several batches.
TEST(Evaluate, WeighsTheLossByExampleToo) {
  Dataset dataset = random_dataset();
  for (int32_t i = 0; i < examples; ++i) {
    dataset.weights.push_back(0.25f * static_cast<float>(1 + i % 7));
  }
  const std::vector<float> weights = {1, 20, 0.5, 4};
  for (const Device device : test::devices()) {
    Learner learner = learner_on(device, dataset, Tensor::of(weights, {4}, device));
    const Evaluation weighted = evaluate(learner, all(), true);
    double sum = 0, whole = 0;
    for (std::size_t i = 0; i < examples; ++i) {
      const int32_t label = dataset.examples[i].label;
      const double weight = weights[label] * dataset.weights[i];
      sum += weight * -std::log(weighted.probabilities[i * 4 + label]);
      whole += weight;
    }
    EXPECT_NEAR(weighted.loss, sum / whole, 1e-5);  // as above
  }
}

TEST(Evaluate, CountsAsHitsWhatTheProbabilitiesSay) {
  Dataset dataset = random_dataset();
  dataset.labels = {"no", "yes"};
  for (Example& example : dataset.examples) example.label %= 2;
  for (const std::string& name : names_of_losses()) {
    ModelSpec spec = small_spec();
    spec.training.loss.text = name;
    for (const Device device : test::devices()) {
      SCOPED_TRACE(name + " on " + to_string(device));
      Learner learner(spec, 2, {}, 7, device, to_device(dataset, dna_alphabet(), device));
      const Evaluation result = evaluate(learner, all(), true);
      const Predictions predictions =
          make_predictions(dataset, all(), result.probabilities, 2, learner.loss().several_labels);
      EXPECT_NEAR(result.accuracy, part_metrics(predictions, 2).classification.accuracy, 1e-12);
    }
  }
}

TEST(Learner, LooksAtOtherData) {
  Dataset dataset = random_dataset();
  for (const Device device : test::devices()) {
    SCOPED_TRACE(to_string(device));
    Learner learner = learner_on(device, dataset);
    const Evaluation before = evaluate(learner, {0}, true);  // the last digits depend on the batch
    Dataset turned = dataset;
    std::reverse(turned.examples.begin(), turned.examples.end());
    learner.set_data(to_device(turned, dna_alphabet(), device));
    const Evaluation after = evaluate(learner, {examples - 1}, true);
    EXPECT_EQ(after.probabilities, before.probabilities);
    learner.step();
    EXPECT_THROW(learner.set_data({}), Error) << "a step keeps its data";
  }
}

// A step refers to the network and the data, which stay where they are.
TEST(Learner, TrainsOnWhereItIsMovedTo) {
  const Dataset dataset = random_dataset();
  for (const Device device : test::devices()) {
    SCOPED_TRACE(to_string(device));
    const auto loss_after = [&](bool moved) {
      auto learner = std::make_unique<Learner>(learner_on(device, dataset));
      learner->step().begin_epoch(all(), 0, {}, 0.01);
      learner->step().run(32);
      if (moved) learner = std::make_unique<Learner>(std::move(*learner));
      learner->step().run(32);
      return learner->step().sums().loss;
    };
    EXPECT_EQ(loss_after(true), loss_after(false));
  }
}

}  // namespace
}  // namespace stroma
