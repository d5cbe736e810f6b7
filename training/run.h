// A run from its configuration to its directory, and a finished run read back.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "training/run_config.h"
#include "training/run_directory.h"
#include "training/trainer.h"

namespace stroma {

/// Whoever watches a run; `tools/` prints what it is told.
struct RunWatcher {
  std::function<void(const std::string& sentence)> note;
  std::function<void(const Progress&)> progress;
  std::function<void(const EpochMetrics&)> epoch_done;
  std::function<bool()> stop_requested;
};

enum class ExistingRun { refuse, replace, resume };

struct RunResult {
  Trainer::Outcome outcome;
  RunSummary summary;  // complete unless the run was interrupted
};

/// Trains as `config` says and fills `directory`; `config` needs nothing that is found in the data.
/// An interrupted run leaves its state and the weights so far. With `resume` a run that was never
/// begun is begun, and one that had ended is only evaluated again.
RunResult train_run(RunConfig config, const std::filesystem::path& directory, ExistingRun existing,
                    const RunWatcher& watcher);

/// The device that "cpu", "cuda" or "cuda:1" names.
Device device_named(const std::string& name);

/// A trained model with what is needed to use it.
struct LoadedRun {
  RunConfig config;
  bool ended = false;  // or the training was interrupted
  TrainingClock clock;
  std::unique_ptr<Network> network;
};
/// Computes in `precision`; without one, in that of the training where the device has it, else in
/// fp32.
LoadedRun load_run(const std::filesystem::path& directory, Device device,
                   std::optional<Precision> precision = {});

/// Numbers of all examples of a dataset.
std::vector<int32_t> all_examples(const Dataset& dataset);

/// Predictions for some examples of a dataset.
Predictions predict(LoadedRun& run, const Dataset& dataset, const std::vector<int32_t>& examples);

/// The test part of the run's own data.
struct TestPart {
  Dataset dataset;
  std::vector<int32_t> examples;
};
TestPart test_part(const RunConfig& config, std::vector<std::string>& notes);

/// The examples of `path` for the model of a run, cut as its own data was, with the run's labels.
/// Throws Error for a label that the model does not know, unless `labels_may_be_unknown`.
Dataset load_for_run(const RunConfig& config, const std::filesystem::path& path,
                     bool labels_may_be_unknown, std::vector<std::string>& notes);

}  // namespace stroma
