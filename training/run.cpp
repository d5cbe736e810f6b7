#include "training/run.h"

#include <fmt/format.h>
#include <omp.h>

#include <utility>

#include "augment/augmentation.h"
#include "augment/balance.h"
#include "engine/precision.h"
#include "engine/safetensors.h"
#include "kernels/error.h"
#include "training/class_weights.h"
#include "training/finite.h"
#include "training/run_parts.h"
#include "training/run_report.h"
#include "training/schedule.h"
#include "training/weights.h"

namespace stroma {
namespace {

namespace fs = std::filesystem;

/// The parts of the data, and the examples as they are learned from: with what the augmentation
/// makes of the training part. Nothing else alters letters.
struct RunParts {
  Split split;                 // of the data as it is
  std::size_t added = 0;       // training examples, by the augmentation
  std::vector<int32_t> train;  // with them, and with those that are there again for balance
  DeviceDataset examples;      // on the CPU
};

RunParts parts_of(const RunConfig& config, const RunData& data) {
  RunParts parts{split_of(data.dataset, config), 0, {}, data.encoded};
  const Dataset* examples = &data.dataset;
  Dataset altered;
  Split grown = parts.split;
  if (config.augmentation != Augmentation::none) {
    altered = data.dataset;
    augment_training_part(altered, grown, config.augmentation, config.seed);
    parts.examples = to_device(altered, alphabet_of(config.model), {});
    examples = &altered;
  }
  parts.added = grown.train.size() - parts.split.train.size();
  parts.train = config.balance == Balance::duplicate
                    ? balanced_by_duplicates(*examples, grown.train)
                    : std::move(grown.train);
  return parts;
}

/// With the weights that training begins with.
Learner learner_for(const RunConfig& config, const RunData& data, const RunParts& parts) {
  const Device device = device_named(config.device);
  Learner learner = learner_of(config, device, copy_to(device, parts.examples),
                               class_weights_of(config, data.dataset, parts.split.train, device));
  if (!data.weights.empty()) {
    naming_file(config.weights, [&] { load_weights(learner.network(), config, data.weights); });
  }
  return learner;
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
  const TrainingSpec& training = config.model.training;
  if (asked > done && rates_depend_on_epochs(training)) {
    const int begun = read_config(directory / "config.json").model.training.epochs;
    if (asked != begun) {
      throw Error(
          fmt::format("{} has begun to lower its learning rate towards the end of {} "
                      "epochs, as {} does; resume with --epochs {}, or start anew with "
                      "--force",
                      directory.string(), begun, to_string(training.lr_schedule), begun));
    }
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

}  // namespace

RunResult train_run(const RunConfig& config, const RunData& data, const fs::path& directory,
                    ExistingRun existing, const RunWatcher& watcher) {
  omp_set_num_threads(config.threads);
  const PrecisionScope precision(config.precision);
  const RunParts parts = parts_of(config, data);
  Learner learner = learner_for(config, data, parts);
  Trainer trainer(learner, parts.train, parts.split.validation);

  const PreparedDirectory prepared = prepare_directory(config, directory, existing, watcher);
  if (prepared.has_state) go_on(trainer, config, directory);
  write_config(directory / "config.json", config);
  RunResult result{Trainer::Outcome::interrupted, summary_of(config, data.dataset, parts.split)};
  introduce(config, data.dataset, parts.split, result.summary, watcher);
  if (parts.added > 0) {
    watcher.note(fmt::format("The augmentation {} adds {} examples to train on.",
                             to_string(config.augmentation), parts.added));
  }
  const std::size_t once = parts.split.train.size() + parts.added;
  if (const std::size_t again = parts.train.size() - once; again > 0) {
    watcher.note(
        fmt::format("{} examples of smaller classes are there again, so that each class has "
                    "as many as the largest.",
                    again));
  }
  if (prepared.has_state) {
    watcher.note(fmt::format("Resuming after {}.", describe(trainer.position())));
  }

  result.outcome = fit(trainer, directory, watcher);
  if (result.outcome == Trainer::Outcome::interrupted) {
    write_safetensors(directory / "model.safetensors", weights_file(learner.network(), config));
    return result;
  }
  trainer.keep_chosen_weights();
  result.summary.ended =
      result.outcome == Trainer::Outcome::finished ? "finished" : "stopped_early";
  report(config, data.dataset, parts.split, learner, trainer.position(), directory, result.summary);
  return result;
}

}  // namespace stroma
