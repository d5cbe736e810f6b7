// stroma evaluate: how good a trained model is, on its own test part or on other data.
#include <fmt/format.h>
#include <omp.h>

#include <memory>

#include "tools/commands.h"
#include "tools/data_options.h"
#include "tools/option_values.h"
#include "tools/output.h"
#include "tools/progress.h"
#include "tools/stop_signal.h"
#include "tools/usage.h"
#include "training/loaded_run.h"
#include "training/run_report.h"

namespace stroma {
namespace {

struct Options {
  std::string run;
  DataOptions data;
  bool json = false;
  std::string output = "-";
  std::string device = "auto";
  std::string precision;  // "": the run's on a GPU, fp32 on the CPU
  int memory_k = 0;       // 0: the run's
  int threads = 1;
  bool quiet = false;
};

std::string table(const PartMetrics& metrics, const std::optional<MemoryBaseline>& memory) {
  const ClassificationMetrics& c = metrics.classification;
  std::string text;
  const auto row = [&](const char* name, const std::string& value) {
    text += fmt::format("{:<18} {}\n", name, value);
  };
  const auto averages = [](const Averages& a) {
    return fmt::format("{:.4f} / {:.4f} / {:.4f}  (precision / recall / F1)", a.precision, a.recall,
                       a.f1);
  };
  row("examples", std::to_string(c.examples));
  row("loss", figure(metrics.loss));
  row("accuracy", figure(c.accuracy));
  row("memory alone", memory ? describe(*memory) : "–");
  row("macro", averages(c.macro));
  row("weighted", averages(c.weighted));
  row("macro AUC-PR", figure(c.macro_auc_pr, c.macro_auc_pr_standard_error));
  row("macro AUC-ROC", figure(c.macro_auc_roc));
  row("Pearson r", figure(c.pearson_r));
  if (c.binary) {
    row("auROC / auPRC",
        fmt::format("{} / {}", figure(c.binary->au_roc), figure(c.binary->au_prc)));
    row("fpr80 / Pr95", fmt::format("{} / {}  (at sensitivity 0.80 / at recall 0.95)",
                                    figure(c.binary->fpr80), figure(c.binary->pr95)));
  }
  if (c.classes_without_examples > 0) {
    row("classes without", fmt::format("{} of {} have no example here", c.classes_without_examples,
                                       c.per_class.size()));
  }
  return text;
}

TestPart all_of(const RunConfig& config, Dataset dataset, std::vector<std::string>& notes) {
  std::vector<int32_t> examples = all_examples(dataset);
  const auto memory = memory_on(config, dataset, notes);
  return {std::move(dataset), std::move(examples), memory};
}

/// What is said of DATA means nothing for the run's own test part, which is read as when it was
/// trained.
void check_data_is_named(const CLI::App& command) {
  for (const char* option :
       {"--unknown", "--short", "--annotation", "--feature", "--strict", "--labels", "--unseen"}) {
    if (command.count(option) == 0) continue;
    fail_usage(fmt::format("{} is for DATA; the run's own test part is read as when it was trained",
                           option));
  }
}

void run(const Options& options, const CLI::App& command) {
  end_on_stop_signals();
  const bool own_part = options.data.empty();
  if (own_part) check_data_is_named(command);
  check_data_files(options.data);
  check_output(options.output, inputs_of_run(options.run, options.data));
  omp_set_num_threads(options.threads);
  const Device device = device_named(chosen_device(options.device, options.quiet));
  std::vector<std::string> notes;
  LoadedRun loaded = load_run(options.run, device, notes, asked_precision(options.precision));
  if (own_part) check_output(options.output, inputs_of(loaded.config.data));
  if (options.memory_k > 0) loaded.config.memory_k = options.memory_k;
  if (!own_part) loaded.config.data.unseen = options.data.unseen;
  PartMetrics metrics;
  std::optional<MemoryBaseline> memory;
  {
    WorkDisplay display(options.quiet, "Evaluating");
    const TestPart part =
        own_part
            ? test_part(loaded.config, notes)
            : all_of(loaded.config,
                     load_for_run(loaded.config, as_the_run_reads(loaded.config.data, options.data),
                                  true, notes),
                     notes);
    memory = part.memory;
    if (!own_part && fingerprint(part.dataset) == loaded.config.fingerprint) {
      notes.push_back(name_of(options.data) +
                      ": the model was trained on most of these; without DATA, evaluate measures "
                      "on the rest.");
    }
    metrics = test_metrics(predict(loaded, part.dataset, part.examples,
                                   [&](int64_t done, int64_t all) { display.update(done, all); }),
                           part.dataset, loaded.config.data.unseen == Unseen::wrong);
  }
  Messages(options.quiet).print(notes);
  write_output(options.output, options.json ? to_json(metrics, memory, loaded.config.labels) + "\n"
                                            : table(metrics, memory));
}

}  // namespace

void add_evaluate(CLI::App& program) {
  const auto options = std::make_shared<Options>();
  CLI::App& command = *program.add_subcommand(
      "evaluate", "Measure a trained model on its test part or on other data");
  command.add_option("RUN", options->run, "a run directory of stroma train")->required();
  add_data_argument(command, options->data, "DATA")
      ->required(false)
      ->description(
          "labelled data to measure on in place of the run's own test part: files as train reads "
          "them; -: standard input");
  add_options_for_run(command, options->data);
  options->data.unseen = Unseen::error;
  add_unseen_option(command, options->data.unseen, {"error", "skip", "wrong"})
      ->description(
          "examples whose label the model does not know: an error, left out and counted, "
          "or counted as wrong");
  add_memory_option(command, options->memory_k)->default_str("the run's");
  command.add_flag("--json", options->json, "all figures, those of each class too, as JSON");
  add_output_option(command, options->output, "the file to write");
  add_device_option(command, options->device);
  add_precision_option(command, options->precision)
      ->default_str("the run's on a GPU, fp32 on the CPU");
  add_threads_option(command, options->threads);
  add_quiet_flag(command, options->quiet);
  command.footer("Example:\n  stroma evaluate runs/chlamydomonas --json");
  command.callback([options, &command] { run(*options, command); });
}

}  // namespace stroma
