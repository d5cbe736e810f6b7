// stroma kmers: how often each k-mer occurs, and how many any two sequences share.
#include "augment/kmers.h"

#include <fmt/format.h>
#include <omp.h>

#include <memory>

#include "kernels/kmers.h"
#include "tools/commands.h"
#include "tools/data_options.h"
#include "tools/option_values.h"
#include "tools/output.h"
#include "tools/progress.h"
#include "tools/stop_signal.h"
#include "tools/usage.h"
#include "training/data_source.h"

namespace stroma {
namespace {

struct Options {
  DataOptions data;
  std::string alphabet = "dna";
  int k = 0;
  bool canonical = false;
  SharedKmerOptions shared;
  std::string unknown = "skip";
  std::string output = "-";
  std::string device = "auto";
  int threads = 1;
  bool quiet = false;
};

/// Fails, as usage, for a k that is too long for the alphabet.
void check_k(const std::string& option, int k, const std::string& alphabet) {
  const int longest = kernels::longest_kmer(alphabet_named(alphabet).size());
  if (k > longest) {
    fail_usage(fmt::format("{} {} is above {}, the most with --alphabet {}", option, k, longest,
                           alphabet));
  }
}

/// Applies `--unknown`. What is not even an ambiguity code is an error in any case: such a file is
/// of another alphabet, and would give few k-mers or none.
void check_letters(const Options& options, const std::vector<Sequence>& sequences,
                   std::vector<std::string>& notes) {
  const Alphabet& alphabet = alphabet_named(options.alphabet);
  const std::string data = name_of(options.data);
  note_bases_as_proteins(data, alphabet, sequences, notes);
  const UnknownLetters unknown = find_unknown(alphabet, sequences);
  if (unknown.count == 0) return;
  if (const auto foreign = find_foreign(alphabet, sequences)) {
    throw Error(fmt::format(
        "{}: '{}' has {}, which is not of {}; {}", data, sequences[foreign->sequence].id,
        alphabet.describe(foreign->letter), alphabet.name(),
        look_like_proteins(sequences) ? "these look like proteins: --alphabet protein"
                                      : "name another --alphabet"));
  }
  const std::string what = data + ": " + describe(alphabet, unknown, sequences);
  if (options.unknown == "error") {
    throw Error(what + "; --unknown skip leaves out the k-mers that hold one");
  }
  notes.push_back(what + "; k-mers that hold one are left out.");
}

std::vector<Sequence> load(const Options& options) {
  omp_set_num_threads(options.threads);
  check_data_files(options.data);
  check_output(options.output, inputs_of(options.data));
  std::vector<Sequence> sequences = [&] {
    const WorkDisplay display(options.quiet, "Reading");
    return load_records(options.data);
  }();
  std::vector<std::string> notes;
  check_letters(options, sequences, notes);
  Messages(options.quiet).print(notes);
  return sequences;
}

void run_count(const Options& options) {
  end_on_stop_signals();
  if (options.canonical && options.alphabet == "protein") {
    fail_usage("--canonical does not go with --alphabet protein");
  }
  check_k("--k", options.k, options.alphabet);
  const Device device = device_named(chosen_device(options.device, options.quiet));
  const std::vector<Sequence> sequences = load(options);
  const Alphabet& alphabet = alphabet_named(options.alphabet);
  const auto counts = [&] {
    const WorkDisplay display(options.quiet, "Counting");
    return count_kmers(sequences, alphabet, options.k, options.canonical, device);
  }();
  write_output(options.output,
               [&](std::ostream& out) { write_kmer_counts(out, counts, alphabet); });
  Messages(options.quiet)
      .print(fmt::format("Counted {} {}-mers, {} of them distinct, in {} sequence{}.",
                         counts.total(), options.k, counts.kmers.count(), sequences.size(),
                         sequences.size() == 1 ? "" : "s"));
}

void run_shared(const Options& options) {
  end_on_stop_signals();
  if (options.shared.min_k > options.shared.max_k) {
    fail_usage(
        fmt::format("--min-k {} is above --max-k {}", options.shared.min_k, options.shared.max_k));
  }
  check_k("--max-k", options.shared.max_k, options.alphabet);
  const Device device = device_named(chosen_device(options.device, options.quiet));
  std::vector<Sequence> sequences = load(options);
  if (sequences.size() < 2) {
    throw Error(name_of(options.data) +
                ": there is one sequence; k-mers are shared by two or more");
  }
  std::vector<std::string> names = distinct_ids(sequences);
  for (size_t i = 0; i < names.size(); ++i) sequences[i].id = std::move(names[i]);
  const auto shared = [&] {
    const WorkDisplay display(options.quiet, "Comparing");
    return shared_kmers(sequences, alphabet_named(options.alphabet), options.shared, device);
  }();
  write_output(options.output,
               [&](std::ostream& out) { write_shared_kmers(out, shared, sequences); });
  Messages(options.quiet)
      .print(fmt::format("Compared {} pair{} of {} sequences, k = {} to {}.", shared.counts.size(),
                         shared.counts.size() == 1 ? "" : "s", sequences.size(),
                         options.shared.min_k, options.shared.max_k));
}

void add_data_options(CLI::App& command, Options& options) {
  add_data_argument(command, options.data, "IN")
      ->description(
          "genomes (GenBank, EMBL, GFF3; their records, whole), FASTA files, or CSVs of sequences; "
          "plain or compressed; -: standard input");
  set_choices(command.add_option("--alphabet", options.alphabet, "the letters of the sequences"),
              {"dna", "rna", "protein"});
}

void add_common_options(CLI::App& command, Options& options, const std::string& output) {
  set_choices(command.add_option("--unknown", options.unknown,
                                 "ambiguity codes such as N, and gaps: k-mers that hold one are "
                                 "skipped, or an error"),
              {"skip", "error"});
  add_output_option(command, options.output, output);
  add_device_option(command, options.device);
  add_threads_option(command, options.threads);
  add_quiet_flag(command, options.quiet);
}

void add_count(CLI::App& kmers) {
  const auto options = std::make_shared<Options>();
  CLI::App& command = *kmers.add_subcommand(
      "count", "How often each k-mer occurs in all sequences together, in the order of letters");
  add_data_options(command, *options);
  command.add_option("--k", options->k, "letters of a k-mer, up to 31 (protein: 12)")
      ->type_name("N")
      ->required()
      ->default_str("")
      ->check(whole_number(1, 31));
  command.add_flag("--canonical", options->canonical,
                   "count a k-mer and its reverse complement as one, the smaller of the two");
  add_common_options(command, *options, "the TSV file to write, a k-mer and its count a line");
  command.footer("Example:\n  stroma kmers count genome.fasta --k 21 --canonical -o counts.tsv");
  command.callback([options] { run_count(*options); });
}

void add_shared(CLI::App& kmers) {
  const auto options = std::make_shared<Options>();
  CLI::App& command = *kmers.add_subcommand(
      "shared", "How many k-mers any two sequences share, summed over a range of k");
  add_data_options(command, *options);
  const auto add_k = [&](const char* name, int& k, const char* meaning) {
    command.add_option(name, k, meaning)->type_name("N")->check(whole_number(1, 31));
  };
  add_k("--min-k", options->shared.min_k, "the shortest k-mers");
  add_k("--max-k", options->shared.max_k, "the longest k-mers, up to 31 (protein: 12)");
  add_common_options(command, *options,
                     "the CSV file to write, two names and what they share a line");
  command.footer("Example:\n  stroma kmers shared upstream.fasta -o shared.csv");
  command.callback([options] { run_shared(*options); });
}

}  // namespace

void add_kmers(CLI::App& program) {
  CLI::App& command = *program.add_subcommand(
      "kmers", "Count words of k letters, and what sequences have in common");
  command.require_subcommand(1);
  command.footer("Example:\n  stroma kmers shared upstream.fasta -o shared.csv");
  add_count(command);
  add_shared(command);
}

}  // namespace stroma
