#include "training/training_step.h"

#include <gtest/gtest.h>

#include <random>

#include "engine/random.h"
#include "tests/kernels/threads.h"
#include "training/learner.h"

namespace stroma {
namespace {

/// A random sequence a class, and windows of it.
Dataset random_windows(const ModelSpec& spec, const Alphabet& alphabet, int32_t classes) {
  std::mt19937 random(3);
  constexpr int32_t windows = 60;
  Dataset dataset;
  dataset.length = spec.length;
  for (int32_t c = 0; c < classes; ++c) {
    dataset.labels.push_back(std::to_string(c));
    std::string letters;
    for (int64_t i = 0; i < spec.length + windows - 1; ++i) {
      letters += alphabet.letters()[random() % (spec.alphabet == "protein" ? 20 : 4)];
    }
    dataset.sequences.push_back({.id = dataset.labels.back(), .letters = letters});
    for (int32_t offset = 0; offset < windows; ++offset) dataset.examples.push_back({c, offset, c});
  }
  return dataset;
}

/// The sum of losses and every parameter after some steps.
struct Outcome {
  double loss;
  std::vector<std::vector<float>> parameters;
  bool operator==(const Outcome&) const = default;
};

Outcome train(const ModelSpec& spec, int64_t batch, int64_t steps) {
  constexpr int32_t classes = 13;
  const Alphabet& alphabet = spec.alphabet == "protein" ? protein_alphabet() : dna_alphabet();
  const Dataset dataset = random_windows(spec, alphabet, classes);
  const auto examples = static_cast<int64_t>(dataset.examples.size());
  Learner learner(
      spec, classes,
      spec.standardize ? standardization_of(dataset, alphabet, {}) : InputStandardization{}, 1, {},
      to_device(dataset, alphabet, {}));
  TrainingStep& step = learner.step();
  step.begin_epoch(shuffled_indices(examples, 1, RandomStream::shuffle, 0), 0, {}, 5e-4);
  for (int64_t i = 0; i < steps; ++i) step.run(batch);
  Outcome outcome{step.sums().loss, {}};
  for (const auto& [name, parameter] : learner.network().parameters()) {
    outcome.parameters.push_back(parameter.value().to_vector<float>());
  }
  return outcome;
}

TEST(TrainingStep, GivesTheSameBitsWithAnyNumberOfThreads) {
  for (const char* model : {"cnn-lstm-dna", "cnn-lstm-protein"}) {
    const ModelSpec spec = load_model_spec(model);
    for (const int64_t batch : {1, 7, 32, 33, 256}) {
      SCOPED_TRACE(testing::Message() << model << ", batch " << batch);
      const int64_t steps = batch == 256 ? 2 : 3;
      const auto outcomes = test::with_thread_counts([&] { return train(spec, batch, steps); });
      for (const Outcome& outcome : outcomes) EXPECT_TRUE(outcome == outcomes[0]);
    }
  }
}

}  // namespace
}  // namespace stroma
