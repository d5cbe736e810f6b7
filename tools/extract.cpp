// stroma extract: the upstream regions of genes, or the proteins, of annotated genomes as FASTA.
#include "datasets/extract.h"

#include <fmt/format.h>

#include <map>
#include <memory>

#include "datasets/fasta.h"
#include "datasets/genbank.h"
#include "tools/commands.h"
#include "tools/option_values.h"
#include "tools/output.h"

namespace stroma {
namespace {

struct Options {
  std::vector<std::string> genomes;
  int64_t length = 300;
  int64_t min_length = 100;
  std::string unique = "sequence";
  std::string output = "-";
  bool quiet = false;
};

std::vector<Record> read_all(const Options& options) {
  check_output(options.output, options.genomes);
  std::vector<Record> records;
  for (const std::string& path : options.genomes) {
    for (Record& record : read_genbank(path)) records.push_back(std::move(record));
  }
  return records;
}

void write(const Options& options, const Extraction& extraction, const std::string& what) {
  write_output(options.output, [&](std::ostream& out) { write_fasta(out, extraction.sequences); });
  const Messages messages(options.quiet);
  messages.print(fmt::format("Extracted {} {}.", extraction.sequences.size(), what));
  messages.print(describe_left_out(extraction));
}

void run_upstream(const Options& options) {
  const std::map<std::string, Unique> rules = {
      {"sequence", Unique::sequence}, {"name", Unique::name}, {"none", Unique::none}};
  write(options, extract_upstream(read_all(options), options.length, rules.at(options.unique)),
        fmt::format("upstream regions of {} bases", options.length));
}

void run_proteins(const Options& options) {
  write(options, extract_proteins(read_all(options), options.min_length),
        fmt::format("proteins of {} or more amino acids", options.min_length));
}

void add_common_options(CLI::App& command, Options& options) {
  command.add_option("GENOME", options.genomes, "GenBank files, plain or gzip")
      ->required()
      ->default_str("");
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
  add_common_options(command, *options);
  command.footer(
      "Example:\n  stroma extract upstream NC_005353.1.gb --unique name -o upstream.fasta");
  command.callback([options] { run_upstream(*options); });
}

void add_proteins(CLI::App& extract) {
  const auto options = std::make_shared<Options>();
  CLI::App& command =
      *extract.add_subcommand("proteins", "The translation of each CDS, each gene name once");
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
