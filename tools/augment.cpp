// stroma augment: many short labelled sequences from few long ones.
#include <fmt/format.h>

#include <memory>

#include "augment/overlap.h"
#include "augment/windows.h"
#include "tools/commands.h"
#include "tools/data_options.h"
#include "tools/option_values.h"
#include "tools/output.h"
#include "tools/stop_signal.h"
#include "training/data_source.h"

namespace stroma {
namespace {

struct Options {
  DataOptions data;
  std::string alphabet = "dna";
  std::string device = "auto";
  std::string output = "-";
  bool quiet = false;
};

void run_windows(const Options& options) {
  end_on_stop_signals();
  check_overlaps(options.data.windows);
  check_data_files(options.data);
  check_output(options.output, inputs_of(options.data));
  std::vector<std::string> notes;
  const Dataset dataset = load_dataset(options.data, alphabet_named(options.alphabet), notes,
                                       device_named(chosen_device(options.device, options.quiet)));
  write_output(options.output, [&](std::ostream& out) { write_windows_csv(out, dataset); });
  const Messages messages(options.quiet);
  messages.print(notes);
  const auto s = [](auto count) { return count == 1 ? "" : "s"; };
  messages.print(fmt::format("{} sequence{}, {} window{} of {} letter{}, {} class{}.",
                             dataset.sequences.size(), s(dataset.sequences.size()),
                             dataset.examples.size(), s(dataset.examples.size()), dataset.length,
                             s(dataset.length), dataset.labels.size(),
                             dataset.labels.size() == 1 ? "" : "es"));
  messages.print(describe_label_ceiling(label_ceiling(dataset)));
}

}  // namespace

void add_augment(CLI::App& program) {
  CLI::App& augment =
      *program.add_subcommand("augment", "Make many short sequences from few long ones");
  augment.require_subcommand(1);
  augment.footer("Example:\n  stroma augment windows upstream.fasta -o windows.csv");

  const auto options = std::make_shared<Options>();
  CLI::App& command = *augment.add_subcommand(
      "windows", "Overlapping windows of each sequence, as the plastome study cuts them");
  add_data_argument(command, options->data, "IN");
  set_choices(command.add_option("--alphabet", options->alphabet, "the letters of the sequences"),
              {"dna", "rna", "protein"});
  command.add_option("--length", options->data.windows.length, "letters a window")
      ->type_name("N")
      ->check(whole_number(1));
  add_overlap_options(command, options->data.windows);
  add_short_option(command, options->data);
  add_label_option(command, options->data);
  add_genome_options(command, options->data);
  add_cut_options(command, options->data);
  add_unknown_option(command, options->data.unknown);
  add_device_option(command, options->device);
  add_output_option(command, options->output, "the CSV file to write, `WINDOW, LABEL` a line");
  add_quiet_flag(command, options->quiet);
  command.footer("Example:\n  stroma augment windows upstream.fasta --length 60 -o windows.csv");
  command.callback([options] { run_windows(*options); });
}

}  // namespace stroma
