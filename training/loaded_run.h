// A run read back: its model, and data cut as its own was.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "training/run_config.h"
#include "training/run_directory.h"
#include "training/run_parts.h"

namespace stroma {

/// config.json of a run directory. Throws Error for a directory that is none.
RunConfig config_of_run(const std::filesystem::path& directory);

/// A trained model with what is needed to use it.
struct LoadedRun {
  RunConfig config;
  Learner learner;
};
/// Computes in `precision`; without one, in that of the training where the device has it, else in
/// fp32. Notes where the training has not come to its end.
LoadedRun load_run(const std::filesystem::path& directory, Device device,
                   std::vector<std::string>& notes, std::optional<Precision> precision = {});

/// Numbers of all examples of a dataset.
std::vector<int32_t> all_examples(const Dataset& dataset);

/// Predictions for some examples of a dataset; `progress` is told how many of how many are done.
Predictions predict(LoadedRun& run, const Dataset& dataset, const std::vector<int32_t>& examples,
                    const std::function<void(int64_t done, int64_t all)>& progress = {});

/// The run's own data and its parts. Throws Error where the data has changed or gone, with what to
/// do, to which the clause `otherwise` is added.
struct OwnExamples {
  Dataset dataset;
  Split split;
};
OwnExamples own_examples(const RunConfig& config, std::vector<std::string>& notes,
                         const std::string& otherwise = "");

/// The test part of the run's own data, or other data, all of which a run is measured on.
struct TestPart {
  Dataset dataset;
  std::vector<int32_t> examples;
  std::optional<MemoryBaseline> memory;  // of what the run was trained on
};
TestPart test_part(const RunConfig& config, std::vector<std::string>& notes);

/// The examples of `data` for the model of a run, with the run's labels; `data` is cut as the run's
/// own was where it is a copy of the run's options with other files. If `labels_needed`, throws
/// Error for a label that the model does not know, or, as data.unseen says, leaves its examples out
/// with a note; else they have the label -1.
Dataset load_for_run(const RunConfig& config, const DataOptions& data, bool labels_needed,
                     std::vector<std::string>& notes);

/// What the training and the validation part of a run, remembered, score on other examples for it.
/// None, with a note, where they cannot be read any more.
std::optional<MemoryBaseline> memory_on(const RunConfig& config, const Dataset& dataset,
                                        std::vector<std::string>& notes);

}  // namespace stroma
