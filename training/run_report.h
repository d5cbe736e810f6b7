// What a run says of its data before it trains, and what it leaves when it has.
#pragma once

#include <filesystem>

#include "training/run_directory.h"
#include "training/run_parts.h"
#include "training/run_watcher.h"

namespace stroma {

/// What can be said before any training.
RunSummary summary_of(const RunConfig& config, const Dataset& dataset, const Split& split);

/// Tells the watcher of it.
void introduce(const RunConfig& config, const Dataset& dataset, const Split& split,
               const RunSummary& summary, const RunWatcher& watcher);

/// The figures of a test part. With `unseen_are_wrong` the examples that were left out for their
/// labels count in the accuracy, as wrong.
PartMetrics test_metrics(const Predictions& predictions, const Dataset& dataset,
                         bool unseen_are_wrong);

/// Completes `summary` with the course of the training and with what the trained network says about
/// the validation and the test part, and writes all that a finished run leaves.
void report(const RunConfig& config, const Dataset& dataset, const Split& split, Learner& learner,
            const TrainerPosition& position, const std::filesystem::path& directory,
            RunSummary& summary);

}  // namespace stroma
