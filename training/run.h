// A run from its configuration to its directory: open the data, split it, fit, report.
#pragma once

#include <filesystem>

#include "training/prepare_directory.h"
#include "training/run_data.h"
#include "training/run_directory.h"
#include "training/run_watcher.h"
#include "training/trainer.h"

namespace stroma {

struct RunResult {
  Trainer::Outcome outcome;
  RunSummary summary;  // complete unless the run was interrupted
};

/// Trains as `config`, completed by open_data, says, and fills `directory`. An interrupted run
/// leaves its state and the weights so far. With `resume` a run that was never begun is begun, and
/// one that had ended is only evaluated again.
RunResult train_run(const RunConfig& config, const RunData& data,
                    const std::filesystem::path& directory, ExistingRun existing,
                    const RunWatcher& watcher);

}  // namespace stroma
