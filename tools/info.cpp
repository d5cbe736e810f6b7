// stroma info: the build, the machine, the models and what they can be made of.
#include <fmt/format.h>

#include <memory>

#include "kernels/error.h"
#include "layers/documents.h"
#include "layers/model_spec.h"
#include "layers/model_summary.h"
#include "tools/commands.h"
#include "tools/machine.h"
#include "tools/model_drawing.h"
#include "tools/model_table.h"
#include "tools/option_values.h"
#include "tools/output.h"
#include "tools/usage.h"

namespace stroma {
namespace {

struct Options {
  bool models = false, layers = false;
  std::string as_toml;
  std::string model;
  int64_t classes = 2;
  int64_t length = 0;  // 0: the model's
  std::string drawing;
};

void print_machine() {
  write_output("-", [](std::ostream& out) {
    for (const auto& [name, value] : describe_machine()) {
      out << fmt::format("{:<12} {}\n", name, value);
    }
    out << "models      ";
    for (const std::string& name : built_in_models()) out << ' ' << name;
    out << '\n';
  });
}

void print_graph(const Options& options) {
  check_output(options.drawing.empty() ? "-" : options.drawing, {options.model});
  ModelSpec spec = load_model_spec(options.model);
  if (options.length > 0) spec.length = options.length;
  if (spec.length == 0) {
    throw Error(options.model +
                ": its examples are as long as the longest sequence of the data; say how long with "
                "--length");
  }
  const ModelSummary summary = summarize(spec, options.classes);
  if (!options.drawing.empty()) write_output(options.drawing, drawing_of(spec, summary));
  if (options.drawing != "-") write_output("-", table_of(spec, summary, options.classes));
}

void check(const CLI::App& command) {
  for (const char* option : {"--classes", "--length", "--svg"}) {
    if (command.count(option) > 0 && command.count("--model") == 0) {
      fail_usage(fmt::format("{} belongs to --model NAME|FILE; add that, or leave it out", option));
    }
  }
}

void run(const Options& options) {
  if (!options.model.empty()) return print_graph(options);
  if (!options.as_toml.empty()) return write_output("-", load_model_spec(options.as_toml).text);
  if (options.layers) return write_output("-", layers_as_markdown());
  return options.models ? write_output("-", models_as_markdown()) : print_machine();
}

}  // namespace

void add_info(CLI::App& program) {
  const auto options = std::make_shared<Options>();
  CLI::App& command =
      *program.add_subcommand("info", "Show the build, the machine, the models and their layers");
  command.add_flag("--models", options->models,
                   "list the built-in models, as docs/models.md has them");
  command.add_flag("--layers", options->layers,
                   "print the types of layers and their keys, as docs/models.md has them");
  command.add_option("MODEL", options->as_toml, "print this model as TOML, to copy and change");
  command
      .add_option("--model", options->model,
                  "print this model's graph: what each layer reads and gives, its parameters, "
                  "multiply-adds and bytes")
      ->type_name("NAME|FILE");
  command.add_option("--classes", options->classes, "of --model: how many classes it tells apart")
      ->type_name("N")
      ->check(whole_number(1));
  command.add_option("--length", options->length, "of --model: letters an example")
      ->type_name("N")
      ->default_str("the model's")
      ->check(whole_number(1));
  command.add_option("--svg", options->drawing, "of --model: also draw the graph; -: only that")
      ->type_name("FILE");
  command.footer(
      "Example:\n"
      "  stroma info cnn-lstm-dna > mine.toml\n"
      "  stroma info --model mine.toml --svg mine.svg");
  command.callback([options, &command] {
    check(command);
    run(*options);
  });
}

}  // namespace stroma
