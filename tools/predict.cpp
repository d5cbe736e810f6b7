// stroma predict: what a trained model says about sequences.
#include <fmt/format.h>
#include <omp.h>

#include <memory>

#include "tools/commands.h"
#include "tools/data_options.h"
#include "tools/option_values.h"
#include "tools/output.h"
#include "training/loaded_run.h"

namespace stroma {
namespace {

struct Options {
  std::string run;
  std::string data;
  std::string output = "-";
  std::string device = "auto";
  std::string precision;  // "": the run's on a GPU, fp32 on the CPU
  std::string unknown;    // "": the run's
  int threads = 1;
  bool quiet = false;
};

void run(const Options& options) {
  check_output(options.output, inputs_of_run(options.run, options.data));
  omp_set_num_threads(options.threads);
  const Device device = device_named(chosen_device(options.device, options.quiet));
  LoadedRun loaded = load_run(options.run, device, asked_precision(options.precision));
  if (!options.unknown.empty()) loaded.config.data.unknown = options.unknown;
  std::vector<std::string> notes;
  const Dataset dataset = load_for_run(loaded.config, options.data, true, notes);
  const Predictions predictions = predict(loaded, dataset, all_examples(dataset));
  write_output(options.output, [&](std::ostream& out) {
    write_predictions(out, predictions, loaded.config.labels);
  });
  const Messages messages(options.quiet);
  messages.print(notes);
  messages.print(fmt::format("Predicted {} windows of {} sequences.", dataset.examples.size(),
                             dataset.sequences.size()));
}

}  // namespace

void add_predict(CLI::App& program) {
  const auto options = std::make_shared<Options>();
  CLI::App& command =
      *program.add_subcommand("predict", "Say which label a trained model gives to sequences");
  command.add_option("RUN", options->run, "a run directory of stroma train")->required();
  command
      .add_option("DATA", options->data,
                  "a GenBank, FASTA or CSV file; labels in it may be unknown to the model")
      ->required();
  add_unknown_option(command, options->unknown)->default_str("the run's");
  add_output_option(command, options->output, "the CSV file to write, as predictions.csv of a run");
  add_device_option(command, options->device);
  add_precision_option(command, options->precision)
      ->default_str("the run's on a GPU, fp32 on the CPU");
  add_threads_option(command, options->threads);
  add_quiet_flag(command, options->quiet);
  command.footer("Example:\n  stroma predict runs/chlamydomonas genome.gb -o predictions.csv");
  command.callback([options] { run(*options); });
}

}  // namespace stroma
