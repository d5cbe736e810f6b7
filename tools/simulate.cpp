// stroma simulate: a made-up plastid genome to try the program on.
#include "datasets/simulate.h"

#include <fmt/format.h>

#include <memory>

#include "tools/commands.h"
#include "tools/option_values.h"
#include "tools/output.h"

namespace stroma {
namespace {

struct Options {
  int64_t genes = 100;
  uint64_t seed = 7;
  std::string output = "-";
  bool quiet = false;
};

void run(const Options& options) {
  const std::string text = simulate(options.genes, options.seed);
  write_output(options.output, text);
  Messages(options.quiet)
      .print(fmt::format("A made-up plastid genome of {} genes, seed {}.", options.genes,
                         options.seed));
}

}  // namespace

void add_simulate(CLI::App& program) {
  const auto options = std::make_shared<Options>();
  CLI::App& command = *program.add_subcommand(
      "simulate", "Make up an annotated plastid genome to try the program on");
  command.add_option("--genes", options->genes, "genes in the genome")
      ->type_name("N")
      ->check(whole_number(5, 100000));
  command.add_option("--seed", options->seed, "the same seed gives the same genome")
      ->type_name("N")
      ->check(seed_value());
  add_output_option(command, options->output, "the GenBank file to write");
  add_quiet_flag(command, options->quiet);
  command.footer("Example:\n  stroma simulate --genes 40 -o demo.gb");
  command.callback([options] { run(*options); });
}

}  // namespace stroma
