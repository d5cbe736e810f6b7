#include "training/run_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "augment/overlap.h"
#include "engine/files.h"
#include "engine/safetensors.h"
#include "training/weights.h"

namespace stroma {
namespace {

/// How many test examples have a label that no training example has.
int64_t of_unseen_classes(const Dataset& dataset, const Split& split) {
  std::vector<bool> seen(dataset.labels.size());
  for (const int32_t i : split.train) seen[dataset.examples[i].label] = true;
  return std::count_if(split.test.begin(), split.test.end(),
                       [&](int32_t i) { return !seen[dataset.examples[i].label]; });
}

}  // namespace

RunSummary summary_of(const RunConfig& config, const Dataset& dataset, const Split& split) {
  RunSummary summary;
  const std::vector<int64_t> equal = equal_examples(dataset);  // the letters are searched once
  summary.label_ceiling = label_ceiling(dataset, equal);
  summary.leakage_letters = std::min(summary.leakage_letters, dataset.length);
  summary.leakage = leakage(dataset, split.train, split.test, summary.leakage_letters);
  summary.equal = share_of_equal(equal, split.train, split.test);
  summary.memory = memory_of(config, dataset, split);
  summary.unseen_labels = dataset.unseen_labels;
  summary.unseen_tests = dataset.unseen_tests;
  summary.unseen_are_wrong = config.data.unseen == Unseen::wrong;
  summary.train_examples = static_cast<int64_t>(split.train.size());
  summary.validation_examples = static_cast<int64_t>(split.validation.size());
  summary.test_examples = static_cast<int64_t>(split.test.size());
  return summary;
}

void introduce(const RunConfig& config, const Dataset& dataset, const Split& split,
               const RunSummary& summary, const RunWatcher& watcher) {
  watcher.note(fmt::format(
      "{} examples of {}{} letters in {} classes: {} to train on, {} to validate, {} to test.",
      dataset.examples.size(), dataset.padding ? "up to " : "", dataset.length,
      dataset.labels.size(), split.train.size(), split.validation.size(), split.test.size()));
  watcher.note(describe_label_ceiling(summary.label_ceiling));
  if (!split.test.empty()) {
    watcher.note(
        fmt::format("{:.1f} % of the test windows share {} or more letters in a row with a "
                    "training window, {:.1f} % are equal to one.",
                    100 * summary.leakage, summary.leakage_letters, 100 * summary.equal));
  }
  if (summary.memory) {
    watcher.note(fmt::format("Memory alone, a table of what is not tested, is right on {}.",
                             describe(*summary.memory)));
  }
  if (const int64_t unseen = of_unseen_classes(dataset, split); unseen > 0) {
    watcher.note(
        fmt::format("{} of the test examples are of classes without a training example.", unseen));
  }
  watcher.note(config.device == "cpu" ? fmt::format("Training on the CPU with {} thread{}.",
                                                    config.threads, config.threads == 1 ? "" : "s")
                                      : fmt::format("Training on {}.", config.device));
}

PartMetrics test_metrics(const Predictions& predictions, const Dataset& dataset,
                         bool unseen_are_wrong) {
  PartMetrics metrics = part_metrics(predictions, std::ssize(dataset.labels));
  if (unseen_are_wrong) {
    double& accuracy = metrics.classification.accuracy;
    accuracy = with_wrong(accuracy, std::ssize(predictions.ids), dataset.unseen_tests);
  }
  return metrics;
}

void report(const RunConfig& config, const Dataset& dataset, const Split& split, Learner& learner,
            const TrainerPosition& position, const std::filesystem::path& directory,
            RunSummary& summary) {
  const std::vector<std::string>& labels = dataset.labels;
  const int64_t classes = std::ssize(labels);
  const auto predict = [&](const std::vector<int32_t>& examples) {
    return make_predictions(dataset, examples, evaluate(learner, examples, true).probabilities,
                            classes, learner.loss().several_labels);
  };
  summary.epochs_run = position.epochs_done;
  summary.best_epoch = position.best_epoch;
  for (const EpochMetrics& epoch : position.history) summary.seconds += epoch.seconds;
  if (!split.validation.empty()) {
    summary.validation = part_metrics(predict(split.validation), classes);
  }
  const Predictions predictions = predict(split.test);
  if (!split.test.empty()) {
    summary.test = test_metrics(predictions, dataset, summary.unseen_are_wrong);
  }
  write_safetensors(directory / "model.safetensors", weights_file(learner.network(), config));
  write_history(directory / "metrics.csv", position.history);
  write_file(directory / "predictions.csv",
             [&](std::ostream& out) { write_predictions(out, predictions, labels); });
  write_summary(directory / "metrics.json", summary, labels);
}

}  // namespace stroma
