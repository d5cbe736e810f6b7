// stroma train: a model from DATA, in a run directory.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <filesystem>
#include <functional>
#include <memory>

#include "tools/commands.h"
#include "tools/data_options.h"
#include "tools/option_values.h"
#include "tools/output.h"
#include "tools/progress.h"
#include "tools/stop_signal.h"
#include "tools/train_options.h"
#include "training/run.h"
#include "training/trials.h"

namespace stroma {
namespace {

/// As a shell takes it for one word.
std::string shell_quoted(const std::string& word) {
  const char* plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=.,/:@%";
  if (!word.empty() && word.find_first_not_of(plain) == std::string::npos) return word;
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

/// The course of the run and its figures on the test part.
void print_result(const Messages& messages, const RunResult& result,
                  const std::vector<double>& accuracies, const std::string& directory) {
  const RunSummary& summary = result.summary;
  if (result.outcome == Trainer::Outcome::stopped_early) {
    messages.print(
        fmt::format("Stopped early after {} epochs: the validation loss was best in "
                    "epoch {}.",
                    summary.epochs_run, summary.best_epoch));
  }
  if (const std::string line = sparkline(accuracies); accuracies.size() > 1 && !line.empty()) {
    messages.print(fmt::format("Validation accuracy {:.4f} {} {:.4f}", accuracies.front(), line,
                               accuracies.back()));
  }
  if (summary.test) {
    const ClassificationMetrics& test = summary.test->classification;
    messages.print(fmt::format(
        "Test accuracy {} (label ceiling {}{}), loss {}, macro AUC-PR {}, macro F1 {} on {} "
        "example{}{}.",
        figure(test.accuracy), figure(summary.label_ceiling),
        summary.memory ? ", memory alone " + describe(*summary.memory) : "",
        figure(summary.test->loss), figure(test.macro_auc_pr), figure(test.macro.f1), test.examples,
        test.examples == 1 ? "" : "s",
        test.classes_without_examples == 0
            ? ""
            : fmt::format(" (of {} classes there are none)", test.classes_without_examples)));
  }
  messages.print(
      fmt::format("{} epoch{} in {}; {} holds metrics.json, metrics.csv, "
                  "predictions.csv and model.safetensors.",
                  summary.epochs_run, summary.epochs_run == 1 ? "" : "s", duration(summary.seconds),
                  directory));
  messages.print(fmt::format("Next: stroma evaluate {0}{1}   or   stroma predict {0} DATA",
                             shell_quoted(directory), summary.test ? "" : " DATA"));
}

ExistingRun existing_run(const TrainOptions& options) {
  if (options.resume) return ExistingRun::resume;
  return options.force ? ExistingRun::replace : ExistingRun::refuse;
}

bool interrupted(const RunResult& result) {
  return result.outcome == Trainer::Outcome::interrupted;
}

/// One run. Returns whether it came to its end.
bool train(const TrainOptions& options, RunConfig config) {
  const Messages messages(options.quiet);
  ProgressDisplay display(options.quiet, config.model.training.epochs);
  std::vector<double> accuracies;
  const RunWatcher watcher = {
      .note = [&](const std::string& sentence) { messages.print(sentence); },
      .progress = [&](const Progress& progress) { display.update(progress); },
      .epoch_done =
          [&](const EpochMetrics& metrics) {
            display.end_epoch(metrics);
            if (metrics.validation_accuracy) accuracies.push_back(*metrics.validation_accuracy);
          },
      .stop_requested = [] { return stop_signal() != 0; }};
  const RunData data = open_data(config, watcher);
  const RunResult result =
      train_run(config, data, options.directory, existing_run(options), watcher);
  display.clear();
  if (interrupted(result)) return false;
  print_result(messages, result, accuracies, options.directory);
  return true;
}

/// The test figures of the trials, each as mean ± standard error.
void print_trials(const Messages& messages, const std::vector<RunResult>& results,
                  const std::string& directory) {
  const auto over_trials = [&](auto figure_of) {
    std::vector<double> values;
    for (const RunResult& result : results) {
      if (result.summary.test) values.push_back(figure_of(result.summary));
    }
    const Estimate estimate = estimate_of(values);
    return figure(estimate.mean, estimate.standard_error);
  };
  using Summary = const RunSummary&;
  messages.print(fmt::format(
      "Over {} trials (mean ± standard error): test accuracy {} (memory alone {}), loss {}, macro "
      "AUC-PR {}.",
      results.size(), over_trials([](Summary s) { return s.test->classification.accuracy; }),
      over_trials([](Summary s) { return s.memory ? s.memory->accuracy() : std::nan(""); }),
      over_trials([](Summary s) { return s.test->loss; }),
      over_trials([](Summary s) { return s.test->classification.macro_auc_pr; })));
  messages.print(fmt::format("{0} holds trials.csv and the runs trial-1 to trial-{1}.", directory,
                             results.size()));
}

/// All trials. Returns whether they came to their end.
bool train_all(const TrainOptions& options, RunConfig config) {
  const Messages messages(options.quiet);
  std::vector<ProgressDisplay> displays;
  for (int trial = 1; trial <= options.trials; ++trial) {
    displays.emplace_back(options.quiet, config.model.training.epochs,
                          fmt::format("trial {} ", trial));
  }
  const auto watcher_of = [&](int trial) -> RunWatcher {
    return {.note =
                [&messages, trial](const std::string& sentence) {
                  if (trial == 0) messages.print(sentence);  // the same data for all
                },
            .progress = [&display = displays[trial]](
                            const Progress& progress) { display.update(progress); },
            .epoch_done = [&display = displays[trial]](
                              const EpochMetrics& metrics) { display.end_epoch(metrics); },
            .stop_requested = [] { return stop_signal() != 0; }};
  };
  const RunData data = open_data(config, watcher_of(0));
  const std::vector<RunResult> results = train_trials(
      config, data, options.trials, options.directory, existing_run(options), watcher_of);
  displays.front().clear();
  if (std::any_of(results.begin(), results.end(), interrupted)) return false;
  write_trials(std::filesystem::path(options.directory) / "trials.csv", config.seed, results);
  print_trials(messages, results, options.directory);
  return true;
}

/// The command as it was given, quoted for a shell, with --resume.
std::string resuming_command(const std::vector<std::string>& arguments) {
  std::string command;
  for (const std::string& argument : arguments) {
    if (argument != "--force" && argument != "--resume") command += shell_quoted(argument) + " ";
  }
  return command + "--resume";
}

void run(const TrainOptions& options, const std::vector<std::string>& arguments) {
  catch_stop_signals();  // before a GPU's driver starts threads of its own, which would end by them
  const RunConfig config = run_config(options);
  // A reader of the messages who leaves, as `head` does, does not end a run of hours.
  std::signal(SIGPIPE, SIG_IGN);
  const std::vector<std::filesystem::path> files = config.data.files();
  if (std::find(files.begin(), files.end(), "-") != files.end()) {
    Messages(options.quiet)
        .print("DATA is standard input: --resume needs it once more, and so does evaluate.");
  }
  if (options.trials == 1 ? train(options, config) : train_all(options, config)) return;
  Messages(options.quiet)
      .print(fmt::format("Stopped; all is kept in {}. To go on:\n  {}", options.directory,
                         resuming_command(arguments)));
  throw CLI::RuntimeError(128 + stop_signal());
}

}  // namespace

void add_train(CLI::App& program, const std::vector<std::string>& arguments) {
  const auto options = std::make_shared<TrainOptions>();
  CLI::App& command = *program.add_subcommand("train", "Train a model on labelled sequences");
  add_train_options(command, *options);
  command.footer(
      "Example:\n"
      "  stroma train NC_005353.1.gb --model cnn-lstm-dna --out runs/chlamydomonas\n"
      "\"The model's\" is what the spec of --model says; `stroma info NAME` shows it.");
  command.callback([options, arguments] {
    options->directory = run_directory(*options);
    run(*options, arguments);
  });
}

}  // namespace stroma
