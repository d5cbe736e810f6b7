// The program `stroma`: picks the subcommand and turns what it throws into a sentence and an exit
// status: 0 done, 1 failed, 2 wrong usage.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <clocale>
#include <exception>
#include <iostream>
#include <new>
#include <sstream>

#include "datasets/data_file.h"
#include "tools/commands.h"
#include "tools/help_formatter.h"
#include "tools/output.h"
#include "tools/usage.h"

namespace stroma {
namespace {

int fail(const std::string& sentence, int status) {
  print_message(fmt::format("stroma: {}\n", sentence));
  return status;
}

void add_commands(CLI::App& program, const std::vector<std::string>& arguments) {
  program.name("stroma");
  program.formatter(std::make_shared<HelpFormatter>());
  program.set_help_flag("-h,--help", "show this help");
  program.set_version_flag("--version", "stroma " STROMA_VERSION, "show the version");
  program.option_defaults()->always_capture_default();
  program.require_subcommand(1);
  program.footer(
      "Example:\n"
      "  stroma simulate -o demo.gb\n"
      "  stroma train demo.gb --model cnn-lstm-dna --out runs/demo\n"
      "`stroma COMMAND --help` tells more of each command.");
  add_info(program);
  add_simulate(program);
  add_extract(program);
  add_augment(program);
  add_kmers(program);
  add_train(program, arguments);
  add_evaluate(program);
  add_predict(program);
  add_export(program);
}

int run(int argc, char** argv) {
  CLI::App program("Deep learning on short biological sequences.");
  try {
    add_commands(program, {argv, argv + argc});
    program.parse(argc, argv);
    return 0;
  } catch (const CLI::Success& request) {  // --help or --version
    std::ostringstream text;
    program.exit(request, text, text);
    write_output("-", text.str());
    return 0;
  } catch (const OptionWithoutEffect& error) {
    const CLI::ParseError usage(error.what(), CLI::ExitCodes::ValidationError);
    return fail(usage_sentence(program, usage), 2);
  } catch (const CLI::RuntimeError& end) {
    return end.get_exit_code();
  } catch (const CLI::ParseError& error) {
    if (const std::string help = help_if_nothing_asked(program); !help.empty()) {
      print_message(help);
      return 2;
    }
    return fail(usage_sentence(program, error), 2);
  }
}

/// Opens in place of a standard stream that is closed what cannot be written: the next file to be
/// opened, a GPU driver's perhaps, would take its number, and get what is printed.
void hold_standard_streams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(stream, F_GETFD) < 0) (void)open("/dev/null", O_RDONLY);
  }
}

}  // namespace
}  // namespace stroma

int main(int argc, char** argv) {
  stroma::hold_standard_streams();
  // Only the encoding of letters; numbers keep their point.
  std::setlocale(LC_CTYPE, "");
  std::ios::sync_with_stdio(false);
  try {
    return stroma::run(argc, argv);
  } catch (const std::bad_alloc&) {
    return stroma::fail("not enough memory; give less data, or a smaller model or batch", 1);
  } catch (const std::exception& error) {
    return stroma::fail(error.what(), 1);
  }
}
