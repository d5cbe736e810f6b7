// A run read back: its model, and data cut as its own was.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "training/learner.h"
#include "training/run_config.h"
#include "training/run_directory.h"

namespace stroma {

/// A trained model with what is needed to use it.
struct LoadedRun {
  RunConfig config;
  bool ended = false;  // or the training was interrupted
  Learner learner;
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
