// stroma predict: what a trained model says about sequences.
#include <fmt/format.h>
#include <omp.h>

#include <algorithm>
#include <memory>

#include "tools/commands.h"
#include "tools/data_options.h"
#include "tools/model_source.h"
#include "tools/option_values.h"
#include "tools/output.h"
#include "tools/progress.h"
#include "tools/stop_signal.h"
#include "tools/usage.h"
#include "training/loaded_run.h"
#include "training/sequence_predictions.h"

namespace stroma {
namespace {

struct Options {
  ModelSource model;
  DataOptions data;
  std::string output = "-";
  std::string device = "auto";
  std::string precision;  // "": the run's on a GPU, fp32 on the CPU
  bool windows = false;
  int threads = 1;
  bool quiet = false;
};

void run(const Options& options) {
  end_on_stop_signals();
  check_data_files(options.data);
  std::vector<std::string> inputs = inputs_of(options.model);
  for (const std::string& file : inputs_of(options.data)) inputs.push_back(file);
  check_output(options.output, inputs);
  omp_set_num_threads(options.threads);
  const Device device = device_named(chosen_device(options.device, options.quiet));
  std::vector<std::string> notes;
  LoadedRun loaded = load_model(options.model, device, asked_precision(options.precision), notes);
  const auto classes = static_cast<int64_t>(loaded.config.labels.size());
  Dataset dataset;
  Predictions predictions;
  {
    WorkDisplay display(options.quiet, "Predicting");
    dataset = load_for_run(loaded.config, as_the_run_reads(loaded.config.data, options.data), false,
                           notes);
    predictions = predict(loaded, dataset, all_examples(dataset),
                          [&](int64_t done, int64_t all) { display.update(done, all); });
  }
  const std::vector<SequencePrediction> joined =
      join_windows(dataset, all_examples(dataset), predictions, classes);
  write_output(options.output, [&](std::ostream& out) {
    if (options.windows) {
      write_predictions(out, predictions, loaded.config.labels);
    } else if (!predictions.predicted_sets.empty()) {
      write_label_sets(out, dataset, all_examples(dataset), predictions, loaded.config.labels);
    } else {
      write_sequence_predictions(out, joined, loaded.config.labels);
    }
  });
  const Messages messages(options.quiet);
  messages.print(notes);
  const auto without = std::count_if(joined.begin(), joined.end(),
                                     [](const SequencePrediction& of) { return of.windows == 0; });
  messages.print(fmt::format(
      "Predicted {} sequence{} by {} window{}{}.", joined.size() - without,
      joined.size() - without == 1 ? "" : "s", dataset.examples.size(),
      dataset.examples.size() == 1 ? "" : "s",
      without == 0 ? ""
                   : fmt::format("; {} without a window that can be read {} empty fields", without,
                                 without == 1 ? "has" : "have")));
}

}  // namespace

void add_predict(CLI::App& program) {
  const auto options = std::make_shared<Options>();
  CLI::App& command =
      *program.add_subcommand("predict", "Say which label a trained model gives to sequences");
  add_model_source(command, options->model);
  add_data_argument(command, options->data, "DATA")->required(false);  // it may be taken for RUN
  command.add_flag("--windows", options->windows,
                   "a line a window, with the probability of every class, as predictions.csv of a "
                   "run; else a line a sequence");
  add_options_for_run(command, options->data);
  add_output_option(command, options->output, "the CSV file to write");
  add_device_option(command, options->device);
  add_precision_option(command, options->precision)
      ->default_str("the run's on a GPU, fp32 on the CPU");
  add_threads_option(command, options->threads);
  add_quiet_flag(command, options->quiet);
  command.footer("Example:\n  stroma predict runs/chlamydomonas genome.gb -o predictions.csv");
  command.callback([options] {
    if (const auto data = data_in_place_of_run(options->model)) {
      options->data.paths.insert(options->data.paths.begin(), *data);
    }
    if (options->data.empty()) fail_usage("DATA is required");
    run(*options);
  });
}

}  // namespace stroma
