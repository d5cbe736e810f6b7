// stroma info: the build, the machine and the built-in models.
#include <fmt/format.h>

#include <memory>

#include "layers/model_spec.h"
#include "tools/commands.h"
#include "tools/machine.h"
#include "tools/output.h"

namespace stroma {
namespace {

struct Options {
  bool models = false;
  std::string model;
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

void print_models() {
  write_output("-", [](std::ostream& out) {
    for (const std::string& name : built_in_models()) {
      const ModelSpec spec = load_model_spec(name);
      const std::string title = fmt::format("# ---- {}: {} ----", name, spec.description);
      out << title << "\n" << spec.text << "\n";
    }
  });
}

void run(const Options& options) {
  if (!options.model.empty()) return write_output("-", load_model_spec(options.model).text);
  return options.models ? print_models() : print_machine();
}

}  // namespace

void add_info(CLI::App& program) {
  const auto options = std::make_shared<Options>();
  CLI::App& command =
      *program.add_subcommand("info", "Show the build, the machine and the built-in models");
  command.add_flag("--models", options->models, "print the built-in models as TOML");
  command.add_option("MODEL", options->model, "print this model as TOML, to copy and change");
  command.footer("Example:\n  stroma info cnn-lstm-dna > mine.toml");
  command.callback([options] { run(*options); });
}

}  // namespace stroma
