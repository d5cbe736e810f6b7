// stroma export: weights, and what else is needed to repeat a training in another framework.
#include "training/export.h"

#include <fmt/format.h>
#include <unistd.h>

#include <charconv>
#include <memory>

#include "layers/loss.h"
#include "tools/commands.h"
#include "tools/data_options.h"
#include "tools/option_values.h"
#include "tools/output.h"
#include "tools/usage.h"

namespace stroma {
namespace {

struct Options {
  std::string run;
  std::string model;
  uint64_t seed = 42;
  int64_t classes = 0;  // 0: not said
  std::string layout = "pytorch";
  ExportOptions what;
  std::string output = "-";
  bool quiet = false;
};

constexpr int64_t most_steps = 100'000;

/// "1-20,40" as numbers. Fails, as usage, for anything else.
std::vector<int64_t> steps_in(const std::string& text) {
  const auto wrong = [&]() {
    fail_usage(
        fmt::format("--steps must be steps from 1 and ranges of them, such as 1-20,40, at "
                    "most {} in all, not \"{}\"",
                    most_steps, text));
  };
  std::vector<int64_t> steps;
  const char* at = text.data();
  const char* const end = at + text.size();
  const auto number = [&] {
    int32_t value = 0;
    const auto [next, error] = std::from_chars(at, end, value);
    if (error != std::errc() || value < 1) wrong();
    at = next;
    return int64_t{value};
  };
  while (true) {
    const int64_t first = number();
    int64_t last = first;
    if (at != end && *at == '-') {
      ++at;
      last = number();
    }
    if (last < first || last - first + std::ssize(steps) >= most_steps) wrong();
    for (int64_t step = first; step <= last; ++step) steps.push_back(step);
    if (at == end) return steps;
    if (*at++ != ',') wrong();
  }
}

/// What the model has as out_features = "classes" in its last layer needs their number.
int64_t classes_of(const Options& options, const ModelSpec& spec) {
  const Loss& loss = loss_named(spec.training.loss.text);
  if (loss.one_logit && options.classes == 0) return 2;
  const LayerSpec& last = spec.layers.back();
  const auto features = last.options.find("out_features");
  if (features == last.options.end() || std::holds_alternative<std::string>(features->second)) {
    if (options.classes > 0) return options.classes;
    fail_usage("--classes is required: the last layer of " + spec.name +
               " has as many numbers as the data has classes");
  }
  const int64_t classes = loss.one_logit ? 2 : std::get<int64_t>(features->second);
  if (options.classes > 0 && options.classes != classes) {
    fail_usage(
        fmt::format("--classes {} is not what {} gives, {}", options.classes, spec.name, classes));
  }
  return classes;
}

void check(const CLI::App& command, const Options& options) {
  const bool of_run = !options.run.empty();
  if (of_run == !options.model.empty()) fail_usage("name a RUN or a --model, one of them");
  for (const char* name : {"--seed", "--classes"}) {
    if (of_run && command.count(name) > 0) {
      fail_usage(std::string(name) + " belongs to --model; a run has its own");
    }
  }
  for (const char* name : {"--examples", "--order", "--steps"}) {
    if (!of_run && command.count(name) > 0) fail_usage(std::string(name) + " belongs to a RUN");
  }
  if (!of_run && options.what.initial) {
    fail_usage("--initial belongs to a RUN; those of --model are initial weights");
  }
}

void run(const Options& options) {
  if (options.output == "-" && isatty(STDOUT_FILENO) != 0) {
    fail_usage("-o is required: a terminal cannot show tensors");
  }
  std::vector<std::string> notes;
  SafetensorsFile file;
  if (options.run.empty()) {
    check_output(options.output, {options.model});
    const ModelSpec spec = load_model_spec(options.model);
    file = export_initial(spec, classes_of(options, spec), options.seed,
                          named<Layout>(options.layout));
  } else {
    check_output(options.output, inputs_of_run(options.run, {}));
    ExportOptions what = options.what;
    what.layout = named<Layout>(options.layout);
    file = export_run(options.run, what, notes);
  }
  write_output(options.output, [&](std::ostream& out) { write_safetensors(out, file); });
  const Messages messages(options.quiet);
  messages.print(notes);
  messages.print(
      fmt::format("Exported {} tensors; in Python, safetensors.torch.load_file reads "
                  "them.",
                  file.tensors.size()));
}

}  // namespace

void add_export(CLI::App& program) {
  const auto options = std::make_shared<Options>();
  CLI::App& command = *program.add_subcommand(
      "export", "Write weights, batches and dropout masks for use in another framework");
  command.add_option("RUN", options->run, "a run directory of stroma train: its trained weights");
  command
      .add_option("--model", options->model, "initial weights of this model in place of a run's")
      ->type_name("NAME|FILE");
  command.add_option("--seed", options->seed, "of --model: the seed of its weights")
      ->type_name("N")
      ->check(seed_value());
  command.add_option("--classes", options->classes, "of --model: how many classes it tells apart")
      ->type_name("N")
      ->default_str("the model's")
      ->check(whole_number(1));
  set_choices(command.add_option("--layout", options->layout,
                                 "names, shapes and order of gates of the weights"),
              names_of<Layout>());
  command.add_flag("--initial", options->what.initial,
                   "of a RUN: the weights that it began with, not those it ended with");
  command.add_flag("--examples", options->what.examples,
                   "of a RUN: also its examples, and which train, validate and test");
  command
      .add_option("--order", options->what.order,
                  "of a RUN: also the examples, and their order in this many epochs")
      ->type_name("EPOCHS")
      ->default_str("0")
      ->check(whole_number(1));
  command
      .add_option_function<std::string>(
          "--steps", [options](const std::string& text) { options->what.steps = steps_in(text); },
          "of a RUN: also the dropout masks of these steps, such as 1-20,40")
      ->type_name("LIST");
  add_output_option(command, options->output, "the safetensors file to write");
  add_quiet_flag(command, options->quiet);
  command.footer(
      "Example:\n"
      "  stroma export runs/chlamydomonas --initial --order 2 --steps 1-100 -o "
      "compare.safetensors\n"
      "docs/compare.md says what the file holds.");
  command.callback([options, &command] {
    check(command, *options);
    run(*options);
  });
}

}  // namespace stroma
