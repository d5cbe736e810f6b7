// The files of a run directory apart from config.json.
#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "augment/memory_baseline.h"
#include "datasets/dataset.h"
#include "training/metrics.h"
#include "training/trainer.h"

namespace stroma {

/// Their names.
inline constexpr std::array run_results = {"state.safetensors", "model.safetensors", "metrics.csv",
                                           "metrics.json", "predictions.csv"};

/// Whether a run has come so far that it left its state or its weights.
bool has_learned(const std::filesystem::path& directory);

/// Whether `train --trials` has been at work here.
bool holds_trials(const std::filesystem::path& directory);

/// metrics.csv: a line an epoch.
void write_history(const std::filesystem::path& path, const std::vector<EpochMetrics>& history);

/// What was predicted for some examples.
struct Predictions {
  std::vector<std::string> ids;      // [examples]
  std::vector<int32_t> true_labels;  // [examples]; −1 where it is not known
  std::vector<int32_t> predicted;    // [examples]
  std::vector<float> probabilities;  // [examples, classes]
  // [examples, classes] 1 for each label that an example has or is given, of a model of several
  // labels; else empty
  std::vector<uint8_t> true_sets = {}, predicted_sets = {};
};

/// Ids as "petA:18-57" (letters counted from 1), the true labels, and the most probable classes; of
/// `several_labels` all that are more probable than not. Throws Error where a probability is not
/// finite.
Predictions make_predictions(const Dataset& dataset, const std::vector<int32_t>& examples,
                             std::vector<float> probabilities, int64_t classes,
                             bool several_labels);

/// The names of the labels in a row of sets, joined by ";".
std::string names_in(const uint8_t* set, const std::vector<std::string>& labels);

/// predictions.csv: id,true,predicted,p_LABEL…, probabilities with 9 significant digits (a float
/// comes back exactly). Several labels are joined by ";". Fields are quoted where CSV asks for it.
void write_predictions(std::ostream& out, const Predictions& predictions,
                       const std::vector<std::string>& labels);

/// Metrics of one part, computed from the probabilities that predictions.csv holds. `loss` is the
/// mean of −log p(true class), p not under 2.2e-16 (scikit-learn's log_loss); of several labels
/// that of −log p of each answer.
struct PartMetrics {
  double loss = 0;
  ClassificationMetrics classification;
};
PartMetrics part_metrics(const Predictions& predictions, int64_t classes);

/// What metrics.json says.
struct RunSummary {
  std::optional<PartMetrics> test, validation;
  int epochs_run = 0;
  int best_epoch = 0;  // by validation loss, from 1; 0 without a validation part
  std::string ended;   // "finished", "stopped_early"
  double label_ceiling = 0;
  double leakage = 0;  // share of test examples that share `leakage_letters` with training
  int64_t leakage_letters = 15;  // all of them in shorter examples
  double equal = 0;              // share of test examples that are also in training; only told
  std::optional<MemoryBaseline> memory;    // none without a test part
  std::vector<std::string> unseen_labels;  // of a validation or test part given apart alone
  int64_t unseen_tests = 0;                // test examples with such a label
  bool unseen_are_wrong = false;           // for the accuracy, which they else are no part of
  int64_t train_examples = 0, validation_examples = 0, test_examples = 0;
  double seconds = 0;  // of all epochs
};
void write_summary(const std::filesystem::path& path, const RunSummary& summary,
                   const std::vector<std::string>& labels);

/// The same figures of one part as JSON text, for `stroma evaluate`.
std::string to_json(const PartMetrics& metrics, const std::optional<MemoryBaseline>& memory,
                    const std::vector<std::string>& labels);

/// state.safetensors: all that --resume needs, in one file that appears whole or not at all.
void write_state(const std::filesystem::path& path, const Trainer& trainer);
void read_state(const std::filesystem::path& path, Trainer& trainer);

}  // namespace stroma
