// stroma extract: the upstream regions of genes, or the proteins, of annotated genomes as FASTA.
#include "datasets/extract.h"

#include <fmt/format.h>

#include <map>
#include <memory>
#include <ostream>

#include "datasets/data_file.h"
#include "datasets/fasta.h"
#include "tools/commands.h"
#include "tools/data_options.h"
#include "tools/option_values.h"
#include "tools/output.h"
#include "tools/progress.h"
#include "tools/stop_signal.h"

namespace stroma {
namespace {

struct Options {
  DataOptions data;  // its files
  int64_t length = 300;
  int64_t min_length = 100;
  std::string unique = "sequence";
  std::string feature = "auto";
  bool strict = false;
  std::string output = "-";
  bool quiet = false;
};

/// ">NAME FILE RECORD", then all letters on one line.
void write_with_sources(std::ostream& out, const std::vector<Sequence>& sequences) {
  for (const Sequence& s : sequences) {
    out << fmt::format(">{} {} {}\n{}\n", s.id, s.file, s.record, s.letters);
  }
}

/// Runs `extract` on one genome after the other and writes what comes out of all: each a `what` of
/// a size.
template <class Extract>
void run(const Options& options, const std::string& what, const std::string& size,
         Extract extract) {
  end_on_stop_signals();
  check_data_files(options.data);
  check_output(options.output, inputs_of(options.data));
  Extraction all;
  bool several_records = options.data.paths.size() > 1;
  {
    const WorkDisplay display(options.quiet, "Extracting");
    for (const std::filesystem::path& path : options.data.paths) {
      const std::vector<Record> genome = read_genome(path, options.data.annotation);
      several_records = several_records || genome.size() > 1;
      append(all, extract(genome));
    }
  }
  write_output(options.output, [&](std::ostream& out) {
    if (several_records) {
      write_with_sources(out, all.sequences);
    } else {
      write_fasta(out, all.sequences);
    }
  });
  const Messages messages(options.quiet);
  messages.print(fmt::format("Extracted {} {}{} of {}.", all.sequences.size(), what,
                             all.sequences.size() == 1 ? "" : "s", size));
  messages.print(describe_left_out(all));
}

void run_upstream(const Options& options) {
  const std::map<std::string, Unique> rules = {
      {"sequence", Unique::sequence}, {"name", Unique::name}, {"none", Unique::none}};
  const UpstreamOptions upstream = {.length = options.length,
                                    .unique = rules.at(options.unique),
                                    .feature = options.feature,
                                    .strict = options.strict};
  run(options, "upstream region",
      fmt::format("{} base{}", options.length, options.length == 1 ? "" : "s"),
      [&](const std::vector<Record>& genome) { return extract_upstream(genome, upstream); });
}

void run_proteins(const Options& options) {
  const ProteinOptions proteins = {.min_length = options.min_length, .strict = options.strict};
  run(options, "protein", fmt::format("{} or more amino acids", options.min_length),
      [&](const std::vector<Record>& genome) { return extract_proteins(genome, proteins); });
}

void add_common_options(CLI::App& command, Options& options) {
  add_data_argument(command, options.data, "GENOME")
      ->description(
          "annotated genomes (GenBank, EMBL, GFF3 with its sequences, or FASTA with --annotation); "
          "plain or compressed; -: standard input");
  add_annotation_option(command, options.data);
  command.add_flag("--strict", options.strict,
                   "stop at a feature that cannot be read, instead of leaving it out");
  add_output_option(command, options.output, "the FASTA file to write");
  add_quiet_flag(command, options.quiet);
}

void add_upstream(CLI::App& extract) {
  const auto options = std::make_shared<Options>();
  CLI::App& command = *extract.add_subcommand(
      "upstream", "The bases before each gene, on its strand, over the origin of a circle");
  command.add_option("--length", options->length, "bases before each gene")
      ->type_name("N")
      ->check(whole_number(1));
  set_choices(command.add_option("--unique", options->unique,
                                 "keep the first gene of each upstream sequence, the first of "
                                 "each name, or all"),
              {"sequence", "name", "none"});
  command
      .add_option("--feature", options->feature,
                  "before which features: gene, CDS, tRNA, … as the file calls them; auto is gene, "
                  "or CDS in a genome without gene features")
      ->type_name("KEY");
  add_common_options(command, *options);
  command.footer(
      "Example:\n  stroma extract upstream NC_005353.1.gb --unique name -o upstream.fasta");
  command.callback([options] { run_upstream(*options); });
}

void add_proteins(CLI::App& extract) {
  const auto options = std::make_shared<Options>();
  CLI::App& command = *extract.add_subcommand(
      "proteins", "The translation of each CDS, given or made, each gene name once");
  command.add_option("--min-length", options->min_length, "amino acids a protein must have")
      ->type_name("N")
      ->check(whole_number(1));
  add_common_options(command, *options);
  command.footer("Example:\n  stroma extract proteins NC_005353.1.gb -o proteins.fasta");
  command.callback([options] { run_proteins(*options); });
}

}  // namespace

void add_extract(CLI::App& program) {
  CLI::App& command = *program.add_subcommand(
      "extract", "Cut upstream regions or proteins out of annotated genomes");
  command.require_subcommand(1);
  command.footer("Example:\n  stroma extract upstream demo.gb -o upstream.fasta");
  add_upstream(command);
  add_proteins(command);
}

}  // namespace stroma
