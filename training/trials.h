// Several independent runs of one configuration, each from a seed of its own.
#pragma once

#include <filesystem>
#include <functional>
#include <vector>

#include "training/run.h"

namespace stroma {

/// More than these only wait for their turn on the chip, and each has a model, its state and the
/// activations of an evaluation of its own in the GPU's memory.
inline constexpr int trials_at_once = 8;

/// Trains on `data`, which all trials share. Trial i = 0 … trials − 1 is the run of seed
/// `config.seed` + i in `directory`/trial-(i + 1). On a GPU `trials_at_once` of them train side by
/// side, a thread and a stream each; on the CPU, whose cores one training fills, one after the
/// other. `watcher_of(i)` tells who watches trial i; watchers are called one at a time. Where one
/// trial is interrupted, so are all that have not ended. If a trial fails, the others are told to
/// stop, keep what they have, and its error is thrown.
std::vector<RunResult> train_trials(const RunConfig& config, const RunData& data, int trials,
                                    const std::filesystem::path& directory, ExistingRun existing,
                                    const std::function<RunWatcher(int trial)>& watcher_of);

/// Mean and standard error (sample standard deviation / √n) of the values that are not NaN; NaN
/// without one, the standard error also for a single one.
struct Estimate {
  double mean = 0, standard_error = 0;
};
Estimate estimate_of(const std::vector<double>& values);

/// trials.csv: trial,seed,epochs_run,test_loss,test_accuracy,test_macro_auc_pr,test_macro_f1,
/// memory_baseline. What
/// is undefined is left empty, as all figures are without a test part.
void write_trials(const std::filesystem::path& path, uint64_t first_seed,
                  const std::vector<RunResult>& results);

}  // namespace stroma
