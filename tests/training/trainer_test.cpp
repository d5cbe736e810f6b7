#include "training/trainer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <random>

#include "kernels/error.h"
#include "kernels/one_cycle.h"
#include "tests/tensors.h"
#include "training/finite.h"

namespace stroma {
namespace {

const char* const small_spec = R"(
name = "small"
alphabet = "dna"
length = 12

[training]
epochs = 4
batch_size = 16
learning_rate = 0.01
lr_step = 2
lr_gamma = 0.5

[[layers]]
type = "conv1d"
name = "conv"
out_channels = 8
kernel_size = 3
padding = 1

[[layers]]
type = "relu"

[[layers]]
type = "lstm"
name = "lstm"
hidden_size = 6
num_layers = 2
dropout = 0.2
bidirectional = true
output = "last"

[[layers]]
type = "dropout"
probability = 0.3

[[layers]]
type = "linear"
name = "fc"
out_features = "classes"
)";

/// Windows that tell their class: each class has a letter that it prefers.
Dataset dataset_of(int64_t examples) {
  std::mt19937 random(4);
  Dataset dataset;
  dataset.length = 12;
  dataset.labels = {"a", "c", "g", "t"};
  for (int32_t i = 0; i < examples; ++i) {
    const auto label = static_cast<int32_t>(random() % 4);
    std::string letters;
    for (int j = 0; j < 12; ++j) letters += "ACGT"[random() % 3 == 0 ? random() % 4 : label];
    dataset.sequences.push_back({std::to_string(i), letters});
    dataset.examples.push_back({i, 0, label});
  }
  return dataset;
}

/// A learner and its trainer.
struct Session {
  explicit Session(const ModelSpec& spec, const Dataset& dataset, Device device = {},
                   int32_t validated = 17)
      : learner(spec, 4, {}, 7, device, to_device(dataset, dna_alphabet(), device)),
        trainer(learner, range(0, 83), range(83, 83 + validated)) {}

  static std::vector<int32_t> range(int32_t from, int32_t to) {
    std::vector<int32_t> numbers(to - from);
    std::iota(numbers.begin(), numbers.end(), from);
    return numbers;
  }

  std::vector<float> weights() const {
    std::vector<float> all;
    for (const auto& [name, tensor] : learner.network().state()) {
      if (tensor.dtype() != DType::float32) continue;
      const std::vector<float> values = tensor.to_vector<float>();
      all.insert(all.end(), values.begin(), values.end());
    }
    return all;
  }

  Learner learner;
  Trainer trainer;
};

/// Stops after `batches` batches; never if that is negative.
Watcher watcher(int batches = -1) {
  return {.progress = [](const Progress&) {},
          .epoch_done = [](const EpochMetrics&) {},
          .save = [] {},
          .stop_requested = [batches]() mutable { return --batches == 0; }};
}

TEST(Trainer, LearnsWhatWindowsTell) {
  ModelSpec spec = parse_model_spec(small_spec, "small.toml");
  spec.training.epochs = 25;
  spec.training.lr_step = 20;
  const Dataset dataset = dataset_of(100);
  Session session(spec, dataset);
  EXPECT_EQ(session.trainer.run(watcher()), Trainer::Outcome::finished);
  const std::vector<EpochMetrics>& history = session.trainer.position().history;
  ASSERT_EQ(history.size(), 25u);
  EXPECT_LT(history.back().train_loss, 0.5 * history.front().train_loss);
  EXPECT_GT(*history.back().validation_accuracy, 0.8);
  EXPECT_DOUBLE_EQ(history[19].learning_rate, 0.01);
  EXPECT_DOUBLE_EQ(history[20].learning_rate, 0.01 * 0.5);
}

TEST(Trainer, GivesTheSameWeightsForTheSameSeed) {
  const ModelSpec spec = parse_model_spec(small_spec, "small.toml");
  const Dataset dataset = dataset_of(100);
  for (const Device device : test::devices()) {
    SCOPED_TRACE(to_string(device));
    Session first(spec, dataset, device), second(spec, dataset, device);
    first.trainer.run(watcher());
    second.trainer.run(watcher());
    EXPECT_EQ(first.weights(), second.weights());
  }
}

TEST(Trainer, TheGpuFollowsTheCpusLosses) {
  const ModelSpec spec = parse_model_spec(small_spec, "small.toml");
  const Dataset dataset = dataset_of(100);
  Session cpu(spec, dataset);
  cpu.trainer.run(watcher());
  for (const Device device : test::devices()) {
    SCOPED_TRACE(to_string(device));
    Session session(spec, dataset, device);
    session.trainer.run(watcher());
    const std::vector<EpochMetrics>& history = session.trainer.position().history;
    ASSERT_EQ(history.size(), cpu.trainer.position().history.size());
    for (std::size_t i = 0; i < history.size(); ++i) {
      const EpochMetrics& expected = cpu.trainer.position().history[i];
      // Sums in another order: some 1e-7 of a gradient each, of which Adam makes at most the
      // learning rate, 0.01, for each of 24 updates; in practice a few parts in a million.
      EXPECT_NEAR(history[i].train_loss, expected.train_loss, 1e-4);
      EXPECT_NEAR(*history[i].validation_loss, *expected.validation_loss, 1e-4);
    }
  }
}

TEST(Trainer, GoesOnAfterAnyBatchAsIfNeverInterrupted) {
  std::string text = small_spec;  // and running statistics, which go on too
  text.insert(text.find("[[layers]]\ntype = \"lstm\""),
              "[[layers]]\ntype = \"batch_norm1d\"\nname = \"norm\"\n\n");
  ModelSpec spec = parse_model_spec(text, "small.toml");
  spec.training.keep = Keep::best;
  const Dataset dataset = dataset_of(100);
  for (const Device device : test::devices()) {
    SCOPED_TRACE(to_string(device));
    Session whole(spec, dataset, device);
    whole.trainer.run(watcher());
    // An epoch has 6 batches: within one, at its last batch, and after it.
    for (const int batches : {1, 4, 6, 7, 12, 23}) {
      SCOPED_TRACE(batches);
      Session before(spec, dataset, device), after(spec, dataset, device);
      ASSERT_EQ(before.trainer.run(watcher(batches)), Trainer::Outcome::interrupted);
      std::map<std::string, Tensor> saved;
      for (const auto& [name, tensor] : before.trainer.tensors()) saved[name] = tensor.clone();
      after.trainer.restore(before.trainer.position(), saved);
      ASSERT_EQ(after.trainer.run(watcher()), Trainer::Outcome::finished);
      EXPECT_EQ(after.weights(), whole.weights());
      const std::vector<EpochMetrics>& history = after.trainer.position().history;
      ASSERT_EQ(history.size(), whole.trainer.position().history.size());
      for (std::size_t i = 0; i < history.size(); ++i) {
        EXPECT_EQ(history[i].train_loss, whole.trainer.position().history[i].train_loss);
        EXPECT_EQ(history[i].validation_loss, whole.trainer.position().history[i].validation_loss);
      }
    }
  }
}

/// What a run of `spec` ends with must not depend on a stop after so many batches.
void expect_goes_on(const ModelSpec& spec, const Dataset& dataset, Device device, int batches) {
  Session whole(spec, dataset, device), before(spec, dataset, device), after(spec, dataset, device);
  whole.trainer.run(watcher());
  ASSERT_EQ(before.trainer.run(watcher(batches)), Trainer::Outcome::interrupted);
  std::map<std::string, Tensor> saved;
  for (const auto& [name, tensor] : before.trainer.tensors()) saved[name] = tensor.clone();
  after.trainer.restore(before.trainer.position(), saved);
  ASSERT_EQ(after.trainer.run(watcher()), Trainer::Outcome::finished);
  EXPECT_EQ(after.weights(), whole.weights());
  const std::vector<EpochMetrics>& history = after.trainer.position().history;
  for (std::size_t i = 0; i < history.size(); ++i) {
    const EpochMetrics& expected = whole.trainer.position().history[i];
    EXPECT_EQ(history[i].learning_rate, expected.learning_rate) << i;
    EXPECT_EQ(history[i].validation_loss, expected.validation_loss) << i;
  }
}

TEST(Trainer, GoesOnWithEverySchedule) {
  const Dataset dataset = dataset_of(100);
  for (const std::string& schedule : names_of<LrSchedule>()) {
    ModelSpec spec = parse_model_spec(small_spec, "small.toml");
    spec.training.lr_schedule = named<LrSchedule>(schedule);
    spec.training.lr_patience = 0;
    spec.training.warmup_epochs = 1;
    for (const Device device : test::devices()) {
      // An epoch has 6 batches: within the third, and at its end.
      for (const int batches : {14, 18}) {
        SCOPED_TRACE(schedule + " on " + to_string(device) + " after " + std::to_string(batches));
        expect_goes_on(spec, dataset, device, batches);
      }
    }
  }
}

TEST(Trainer, GoesOnWithEveryLossItsWeightsAndGroups) {
  Dataset dataset = dataset_of(100);
  for (int32_t i = 0; i < 100; ++i) {
    dataset.examples[i].sequence = i / 2 * 2;  // two examples of a sequence
    dataset.weights.push_back(0.5f + static_cast<float>(i % 3));
  }
  for (const std::string& loss : names_of_losses()) {
    if (loss_named(loss).one_logit) continue;  // there are four classes
    ModelSpec spec = parse_model_spec(small_spec, "small.toml");
    spec.training.loss.text = loss;
    spec.training.sequence_loss = 0.3;
    for (const Device device : test::devices()) {
      SCOPED_TRACE(loss + " on " + to_string(device));
      expect_goes_on(spec, dataset, device, 14);
    }
  }
}

TEST(Trainer, TellsTheRateOfTheLastStepOfAnEpoch) {
  ModelSpec spec = parse_model_spec(small_spec, "small.toml");
  spec.training.lr_schedule = LrSchedule::one_cycle;
  const Dataset dataset = dataset_of(100);
  Session session(spec, dataset);
  session.trainer.run(watcher());
  const std::vector<EpochMetrics>& history = session.trainer.position().history;
  for (int epoch = 0; epoch < 4; ++epoch) {
    EXPECT_DOUBLE_EQ(history[epoch].learning_rate,
                     0.01 * kernels::one_cycle_factor(6 * (epoch + 1) - 1, 24, 0.3));
  }
}

TEST(Trainer, StopsEarlyWhenValidationNoLongerImproves) {
  ModelSpec spec = parse_model_spec(small_spec, "small.toml");
  spec.training.epochs = 50;
  spec.training.patience = 2;
  spec.training.learning_rate = 1e-30;  // nothing changes after the first epoch
  spec.training.keep = Keep::best;
  const Dataset dataset = dataset_of(100);
  Session session(spec, dataset);
  EXPECT_EQ(session.trainer.run(watcher()), Trainer::Outcome::stopped_early);
  EXPECT_EQ(session.trainer.position().epochs_done, 3);
  EXPECT_EQ(session.trainer.position().best_epoch, 1);
}

TEST(Trainer, SaysAtWhichStepTheLossIsNoLongerFinite) {
  ModelSpec spec = parse_model_spec(small_spec, "small.toml");
  spec.training.optimizer = OptimizerOptions::Rule::sgd;
  spec.training.learning_rate = 1e38;
  const Dataset dataset = dataset_of(100);
  for (const Device device : test::devices()) {
    SCOPED_TRACE(to_string(device));
    Session session(spec, dataset, device);
    try {
      session.trainer.run(watcher());
      FAIL() << "no error";
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find("no longer a finite number at step "),
                std::string::npos)
          << error.what();
    }
  }
}

// With one batch an epoch the loss is still finite when the update has made the weights infinite.
TEST(Trainer, SavesNothingThatIsNotFinite) {
  ModelSpec spec = parse_model_spec(small_spec, "small.toml");
  spec.training.batch_size = 100;
  spec.training.epochs = 3;
  spec.training.keep = Keep::best;
  const Dataset dataset = dataset_of(100);
  int diverged = 0;
  for (const Device device : test::devices()) {
    using Rule = OptimizerOptions::Rule;
    for (const Rule optimizer : {Rule::sgd, Rule::adam}) {
      for (const double rate : {1e10, 1e30, 1e38}) {
        for (const int32_t validated : {0, 17}) {
          SCOPED_TRACE(testing::Message()
                       << to_string(optimizer) << ' ' << rate << ' ' << validated);
          spec.training.optimizer = optimizer;
          spec.training.learning_rate = spec.training.weight_decay = rate;
          Session session(spec, dataset, device, validated);
          Watcher watching = watcher();
          watching.save = [&] {
            for (const auto& [name, tensor] : session.trainer.tensors()) {
              EXPECT_TRUE(all_finite(tensor)) << name;
            }
            const TrainerPosition& position = session.trainer.position();
            EXPECT_TRUE(std::isfinite(position.best_loss));
            EXPECT_TRUE(std::isfinite(position.history.back().train_loss));
          };
          try {
            session.trainer.run(watching);
          } catch (const Diverged& error) {
            ++diverged;
            EXPECT_NE(std::string(error.what()).find("smaller --lr"), std::string::npos);
          }
        }
      }
    }
  }
  EXPECT_GT(diverged, 0);
}

TEST(Trainer, RefusesAStateThatIsNotFinite) {
  const ModelSpec spec = parse_model_spec(small_spec, "small.toml");
  const Dataset dataset = dataset_of(100);
  Session session(spec, dataset);
  for (const char* name : {"model.lstm.bias_hh_l1", "optimizer.second_moment", "best.fc.bias"}) {
    std::map<std::string, Tensor> saved;
    for (const auto& [key, tensor] : session.trainer.tensors()) saved[key] = tensor.clone();
    if (!saved.contains(name)) saved[name] = Tensor::zeros({4});
    saved[name].data<float>()[1] = std::numeric_limits<float>::quiet_NaN();
    EXPECT_THROW(session.trainer.restore({}, saved), Error) << name;
  }
}

TEST(Trainer, RefusesTheStateOfAnotherModel) {
  const ModelSpec spec = parse_model_spec(small_spec, "small.toml");
  const Dataset dataset = dataset_of(100);
  Session session(spec, dataset);
  std::map<std::string, Tensor> saved;
  for (const auto& [name, tensor] : session.trainer.tensors()) saved[name] = tensor.clone();
  saved.erase("model.conv.weight");
  EXPECT_THROW(session.trainer.restore({}, saved), Error);
}

TEST(Standardization, GivesMeanZeroAndVarianceOne) {
  const Dataset dataset = dataset_of(1000);
  const InputStandardization s = standardization_of(dataset, dna_alphabet(), {});
  const std::vector<float> mean = s.mean.to_vector<float>(),
                           inverse = s.inverse_sd.to_vector<float>();
  for (int64_t p = 0; p < 12; ++p) {
    for (int64_t a = 0; a < 4; ++a) {
      double sum = 0, squares = 0;
      for (const Example& example : dataset.examples) {
        const double hot = dataset.window(example)[p] == "ACGT"[a];
        const double x = (hot - mean[p * 4 + a]) * inverse[p * 4 + a];
        sum += x / 1000;
        squares += x * x / 1000;
      }
      // Means and deviations are rounded to float: 6e-8 each.
      EXPECT_NEAR(sum, 0, 1e-6);
      EXPECT_NEAR(squares, 1, 1e-6);
    }
  }
}

TEST(Standardization, OnlyCentresALetterThatNeverVaries) {
  Dataset dataset;
  dataset.length = 2;
  dataset.sequences = {{"s", "AC"}, {"t", "AG"}};
  dataset.examples = {{0, 0, 0}, {1, 0, 0}};
  const InputStandardization s = standardization_of(dataset, dna_alphabet(), {});
  EXPECT_EQ(s.mean.to_vector<float>(), (std::vector<float>{1, 0, 0, 0, 0, 0.5, 0.5, 0}));
  EXPECT_EQ(s.inverse_sd.to_vector<float>(), (std::vector<float>{1, 1, 1, 1, 1, 2, 2, 1}));
}

}  // namespace
}  // namespace stroma
