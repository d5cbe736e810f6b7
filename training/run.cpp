#include "training/run.h"

#include <fmt/format.h>
#include <omp.h>

#include <algorithm>

#include "augment/augmentation.h"
#include "augment/overlap.h"
#include "engine/files.h"
#include "engine/precision.h"
#include "engine/safetensors.h"
#include "kernels/error.h"
#include "training/finite.h"
#include "training/learner.h"
#include "training/weights.h"

namespace stroma {
namespace {

namespace fs = std::filesystem;

/// Reads the weights that training is to begin with, if any are named.
void open_weights(RunConfig& config, RunData& data, const RunWatcher& watcher) {
  if (config.weights.empty()) return;
  GivenWeights given = read_weights(config.weights);
  config.weights_fingerprint = fingerprint(given.tensors);
  if (!given.labels.empty() && given.labels != config.labels) {
    watcher.note(config.weights.string() +
                 ": these weights are of other classes than the data's; what their last layer "
                 "knows of a class goes to the one of the same number.");
  }
  data.weights = std::move(given.tensors);
}

/// The examples as they are learned from: with what the augmentation makes of the training part,
/// whose numbers `split` then has too. Nothing else alters letters.
DeviceDataset augmented(const RunConfig& config, const RunData& data, Split& split) {
  if (config.augmentation == Augmentation::none) return data.encoded;
  Dataset dataset = data.dataset;
  augment_training_part(dataset, split, config.augmentation, config.seed);
  return to_device(dataset, alphabet_named(config.model.alphabet), {});
}

/// How many test examples have a label that no training example has.
int64_t of_unseen_classes(const Dataset& dataset, const Split& split) {
  std::vector<bool> seen(dataset.labels.size());
  for (const int32_t i : split.train) seen[dataset.examples[i].label] = true;
  return std::count_if(split.test.begin(), split.test.end(),
                       [&](int32_t i) { return !seen[dataset.examples[i].label]; });
}

/// What can be said before any training.
RunSummary summary_of(const Dataset& dataset, const Split& split) {
  RunSummary summary;
  summary.label_ceiling = label_ceiling(dataset);
  summary.leakage_letters = std::min(summary.leakage_letters, dataset.length);
  summary.leakage = leakage(dataset, split.train, split.test, summary.leakage_letters);
  summary.train_examples = static_cast<int64_t>(split.train.size());
  summary.validation_examples = static_cast<int64_t>(split.validation.size());
  summary.test_examples = static_cast<int64_t>(split.test.size());
  return summary;
}

void introduce(const RunConfig& config, const Dataset& dataset, const Split& split,
               const RunSummary& summary, const RunWatcher& watcher) {
  watcher.note(fmt::format(
      "{} examples of {} letters in {} classes: {} to train on, {} to validate, {} to test.",
      dataset.examples.size(), dataset.length, dataset.labels.size(), split.train.size(),
      split.validation.size(), split.test.size()));
  watcher.note(describe_label_ceiling(summary.label_ceiling));
  if (!split.test.empty()) {
    watcher.note(
        fmt::format("{:.1f} % of the test windows share {} or more letters in a row with a "
                    "training window, {:.1f} % are equal to one.",
                    100 * summary.leakage, summary.leakage_letters,
                    100 * leakage(dataset, split.train, split.test, dataset.length)));
  }
  if (const int64_t unseen = of_unseen_classes(dataset, split); unseen > 0) {
    watcher.note(
        fmt::format("{} of the test examples are of classes without a training example.", unseen));
  }
  watcher.note(config.device == "cpu" ? fmt::format("Training on the CPU with {} thread{}.",
                                                    config.threads, config.threads == 1 ? "" : "s")
                                      : fmt::format("Training on {}.", config.device));
}

/// "epoch 3", or where a run was stopped within an epoch, "epoch 3 and 512 examples of epoch 4".
std::string describe(const TrainerPosition& position) {
  const int done = position.epochs_done;
  return position.cursor == 0
             ? fmt::format("epoch {}", done)
             : fmt::format("epoch {} and {} examples of epoch {}", done, position.cursor, done + 1);
}

/// Puts the saved state into `trainer`. A run that had ended and gets more epochs has no results
/// until it ends again.
void go_on(Trainer& trainer, const RunConfig& config, const fs::path& directory) {
  read_state(directory / "state.safetensors", trainer);
  const int done = trainer.position().epochs_done, asked = config.model.training.epochs;
  if (asked < done) {
    throw Error(
        fmt::format("{} has done {} epochs already, more than --epochs {}; --epochs {} ends the "
                    "run there, and a smaller number needs a run of its own",
                    directory.string(), done, asked, done));
  }
  if (asked > done) {
    for (const char* name : {"metrics.json", "predictions.csv"}) fs::remove(directory / name);
  }
}

/// Trains until the end or a request to stop; the state is saved after every epoch.
Trainer::Outcome fit(Trainer& trainer, const fs::path& directory, const RunWatcher& watcher) {
  std::string saved = describe(trainer.position());
  const Watcher trainer_watcher = {.progress = watcher.progress,
                                   .epoch_done = watcher.epoch_done,
                                   .save =
                                       [&] {
                                         write_state(directory / "state.safetensors", trainer);
                                         write_history(directory / "metrics.csv",
                                                       trainer.position().history);
                                         saved = describe(trainer.position());
                                       },
                                   .stop_requested = watcher.stop_requested};
  try {
    return trainer.run(trainer_watcher);
  } catch (const Diverged& error) {
    const int64_t epochs = trainer.position().epochs_done;
    if (epochs == 0) throw;  // --epochs cannot name it
    throw Error(
        fmt::format("{}; {} keeps the state after {}: --resume --epochs {} ends the run there",
                    error.what(), directory.string(), saved, epochs));
  }
}

/// Completes `summary` with the course of the training and with what the trained network says about
/// the validation and the test part, and writes all that a finished run leaves.
void report(const RunConfig& config, const RunData& data, const DeviceDataset& on_device,
            const Split& split, Network& network, const TrainerPosition& position,
            const fs::path& directory, RunSummary& summary) {
  const std::vector<std::string>& labels = data.dataset.labels;
  const auto classes = static_cast<int64_t>(labels.size());
  const auto predict = [&](const std::vector<int32_t>& examples) {
    return make_predictions(data.dataset, examples,
                            evaluate(network, on_device, examples, true).probabilities, classes);
  };
  summary.epochs_run = position.epochs_done;
  summary.best_epoch = position.best_epoch;
  for (const EpochMetrics& epoch : position.history) summary.seconds += epoch.seconds;
  if (!split.validation.empty()) {
    summary.validation = part_metrics(predict(split.validation), classes);
  }
  const Predictions predictions = predict(split.test);
  if (!split.test.empty()) summary.test = part_metrics(predictions, classes);
  write_safetensors(directory / "model.safetensors", weights_file(network, config));
  write_history(directory / "metrics.csv", position.history);
  write_file(directory / "predictions.csv",
             [&](std::ostream& out) { write_predictions(out, predictions, labels); });
  write_summary(directory / "metrics.json", summary, labels);
}

}  // namespace

RunData open_data(RunConfig& config, const RunWatcher& watcher) {
  omp_set_num_threads(config.threads);
  const Device device = device_named(config.device);
  check_precision(config.precision, device);
  const Alphabet& alphabet = alphabet_named(config.model.alphabet);
  std::vector<std::string> notes;
  RunData data;
  data.dataset = load_dataset(config.data, alphabet, notes, device);
  for (const std::string& note : notes) watcher.note(note);
  data.encoded = to_device(data.dataset, alphabet, {});

  config.length = data.dataset.length;
  config.labels = data.dataset.labels;
  config.fingerprint = fingerprint(data.dataset);
  if (config.model.standardize) {
    const InputStandardization found = standardization_of(data.dataset, alphabet, {});
    config.mean = found.mean.to_vector<float>();
    config.inverse_sd = found.inverse_sd.to_vector<float>();
  }
  open_weights(config, data, watcher);
  return data;
}

RunResult train_run(const RunConfig& config, const RunData& data, const fs::path& directory,
                    ExistingRun existing, const RunWatcher& watcher) {
  omp_set_num_threads(config.threads);
  const PrecisionScope precision(config.precision);
  const Device device = device_named(config.device);
  const Split split = split_of(data.dataset, config);
  const Learner learner = make_learner(config, device);
  if (!data.weights.empty()) {
    naming_file(config.weights, [&] { learner.network->load(data.weights); });
  }
  Split grown = split;
  const DeviceDataset on_device = copy_to(device, augmented(config, data, grown));
  const TrainingSpec& training = config.model.training;
  Trainer trainer(
      *learner.network, on_device, grown.train, split.validation, training,
      training.class_weights ? class_weights(data.dataset, split.train, device) : Tensor(),
      learner.clock);

  const PreparedDirectory prepared = prepare_directory(config, directory, existing, watcher);
  if (prepared.has_state) go_on(trainer, config, directory);
  write_config(directory / "config.json", config);
  RunResult result{Trainer::Outcome::interrupted, summary_of(data.dataset, split)};
  introduce(config, data.dataset, split, result.summary, watcher);
  if (const std::size_t more = grown.train.size() - split.train.size(); more > 0) {
    watcher.note(fmt::format("The augmentation {} adds {} examples to train on.",
                             to_string(config.augmentation), more));
  }
  if (prepared.has_state) {
    watcher.note(fmt::format("Resuming after {}.", describe(trainer.position())));
  }

  result.outcome = fit(trainer, directory, watcher);
  if (result.outcome == Trainer::Outcome::interrupted) {
    write_safetensors(directory / "model.safetensors", weights_file(*learner.network, config));
    return result;
  }
  trainer.keep_chosen_weights();
  result.summary.ended =
      result.outcome == Trainer::Outcome::finished ? "finished" : "stopped_early";
  report(config, data, on_device, split, *learner.network, trainer.position(), directory,
         result.summary);
  return result;
}

}  // namespace stroma
