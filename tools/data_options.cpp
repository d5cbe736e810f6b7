#include "tools/data_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "tools/option_values.h"
#include "tools/usage.h"
#include "training/run_directory.h"

namespace stroma {
namespace {

/// Notes that the command line gives the option.
void note_given(CLI::Option* option, DataOptions& data) {
  option->each([option, &data](const std::string&) { data.given.push_back(option->get_name()); });
}

/// Of a value that the command line need not have given: that it is the default, and what to set.
std::string hint(const char* option, int64_t value, int64_t usual, int64_t fitting) {
  if (value != usual) return "";
  return fmt::format("; {} is the default of {}: set it, to {} for example", value, option,
                     fitting);
}

}  // namespace

CLI::Option* add_data_argument(CLI::App& command, DataOptions& data, const std::string& name) {
  return command
      .add_option_function<std::vector<std::string>>(
          name,
          [&data](const std::vector<std::string>& paths) {
            data.paths.assign(paths.begin(), paths.end());
          },
          "annotated genomes (GenBank, EMBL, GFF3), or FASTA files, Stockholm alignments or CSVs "
          "of "
          "`SEQUENCE, LABEL` lines; plain or compressed; -: standard input")
      ->expected(1, -1)
      ->type_name("")
      ->required();
}

void add_label_forms(CLI::App& command, DataFiles& files, const std::string& prefix,
                     const std::string& data) {
  command
      .add_option_function<std::vector<std::string>>(
          prefix + "class",
          [&files](const std::vector<std::string>& texts) {
            files.classes.clear();
            for (const std::string& text : texts) files.classes.push_back(class_file(text));
          },
          "a file of sequences of one class, a line each or FASTA, beside " + data +
              " or in its place; repeat it for each file")
      ->type_name("LABEL=FILE")
      ->check(readable(class_file))
      ->expected(1)
      ->take_all();
  command
      .add_option_function<std::string>(
          prefix + "labels", [&files](const std::string& path) { files.labels = path; },
          "a table of the ids and labels of " + data +
              ", with tabs or commas, in place of labels that are names")
      ->type_name("TABLE");
}

void add_given_parts(CLI::App& command, DataOptions& data) {
  const auto add_part = [&](const std::string& name, DataFiles& files, const char* meaning) {
    command
        .add_option_function<std::vector<std::string>>(
            name,
            [&files](const std::vector<std::string>& paths) {
              files.paths.assign(paths.begin(), paths.end());
            },
            meaning)
        ->type_name("DATA")
        ->expected(1, -1);
    add_label_forms(command, files, name + "-", name);
  };
  add_part("--validation", data.validation,
           "files to validate on, in place of a share of DATA; read as DATA is");
  add_part("--test", data.test, "files to test on, in place of a share of DATA; read as DATA is");
  add_unseen_option(command, data.unseen, {"skip", "wrong"});
}

CLI::Option* add_unseen_option(CLI::App& command, Unseen& unseen,
                               const std::vector<std::string>& names) {
  return set_choices(
      command
          .add_option_function<std::string>(
              "--unseen", [&unseen](const std::string& name) { unseen = named<Unseen>(name); },
              "test examples whose label no training example has: left out and "
              "counted, or counted as wrong")
          ->default_str(to_string(unseen)),
      names);
}

namespace {

void check_table(const DataFiles& files, const char* option, const char* data) {
  if (!files.labels.empty() && files.paths.empty()) {
    fail_usage(
        fmt::format("{} is a table of the sequences in {}, of which there is none; add that, "
                    "or leave the table out",
                    option, data));
  }
}

}  // namespace

void check_data_files(const DataOptions& data) {
  check_table(data, "--labels", "DATA");
  check_table(data.validation, "--validation-labels", "--validation");
  check_table(data.test, "--test-labels", "--test");
  if (!data.annotation.empty() && data.paths.size() > 1) {
    fail_usage(
        "--annotation goes with one FASTA file; read several genomes as GFF3 files that end "
        "with their ##FASTA");
  }
  std::set<std::filesystem::path> seen;
  std::vector<std::filesystem::path> files;  // tables apart, which several parts may share
  for (const DataFiles* part : data.parts()) {
    for (const std::filesystem::path& path : part->sequence_files()) files.push_back(path);
  }
  if (!data.annotation.empty()) files.push_back(data.annotation);
  for (const std::filesystem::path& path : files) {
    std::error_code error;
    const std::filesystem::path whole =
        path == "-" ? path : std::filesystem::weakly_canonical(path, error);
    if (!seen.insert(error ? path : whole).second) {
      fail_usage(path == "-" ? "-, standard input, can be read once only"
                             : path.string() + " is named twice");
    }
  }
}

std::vector<std::string> inputs_of(const DataOptions& data) {
  std::vector<std::string> inputs;
  for (const std::filesystem::path& path : data.files()) inputs.push_back(path.string());
  return inputs;
}

std::vector<std::string> inputs_of_run(const std::string& directory, const DataOptions& data) {
  const std::filesystem::path run = directory;
  std::vector<std::string> inputs = inputs_of(data);
  inputs.push_back((run / "config.json").string());
  for (const char* name : run_results) inputs.push_back((run / name).string());
  return inputs;
}

DataOptions as_the_run_reads(DataOptions of_run, const DataOptions& asked) {
  const auto is_given = [&](const char* option) {
    return std::find(asked.given.begin(), asked.given.end(), option) != asked.given.end();
  };
  static_cast<DataFiles&>(of_run) = asked;
  of_run.annotation = asked.annotation;
  of_run.validation = of_run.test = {};
  of_run.weight.clear();
  of_run.group.clear();
  of_run.unseen = asked.unseen;
  if (is_given("--feature")) of_run.feature = asked.feature;
  if (is_given("--strict")) of_run.strict = true;
  if (!asked.unknown.empty()) of_run.unknown = asked.unknown;
  of_run.too_short = asked.too_short;
  of_run.given = asked.given;
  return of_run;
}

void add_overlap_options(CLI::App& command, WindowOptions& windows) {
  const auto add = [&](const char* name, int64_t& value, int64_t least, const char* meaning) {
    command.add_option(name, value, meaning)->type_name("N")->check(whole_number(least));
  };
  add("--min-overlap", windows.min_overlap, 0, "fewest letters shared by neighbouring windows");
  add("--max-overlap", windows.max_overlap, 0, "most letters shared by neighbouring windows");
  add("--min-shared", windows.min_shared, 1,
      "letters in a row that any further window shares with one of these");
}

void check_overlaps(const WindowOptions& windows) {
  const WindowOptions usual;
  if (windows.min_overlap > windows.max_overlap) {
    fail_usage(fmt::format(
        "--min-overlap {} is above --max-overlap {}{}", windows.min_overlap, windows.max_overlap,
        hint("--min-overlap", windows.min_overlap, usual.min_overlap, windows.max_overlap)));
  }
  if (windows.max_overlap >= windows.length) {
    fail_usage(fmt::format(
        "--max-overlap {} must be below the window's --length {}{}", windows.max_overlap,
        windows.length,
        hint("--max-overlap", windows.max_overlap, usual.max_overlap, windows.length / 2)));
  }
  if (windows.min_shared > windows.length) {
    fail_usage(fmt::format(
        "--min-shared {} is above the window's --length {}{}", windows.min_shared, windows.length,
        hint("--min-shared", windows.min_shared, usual.min_shared, windows.length)));
  }
}

void add_annotation_option(CLI::App& command, DataOptions& data) {
  command
      .add_option_function<std::string>(
          "--annotation", [&data](const std::string& path) { data.annotation = path; },
          "the GFF3 file that says where the genes of the FASTA file DATA lie")
      ->type_name("FILE");
}

void add_genome_options(CLI::App& command, DataOptions& data) {
  add_annotation_option(command, data);
  note_given(command
                 .add_option("--feature", data.feature,
                             "of a genome: before which features upstream regions are cut; auto: "
                             "gene, or CDS where there is no gene")
                 ->type_name("KEY"),
             data);
  note_given(command.add_flag("--strict", data.strict,
                              "of a genome: a feature that cannot be read is an error"),
             data);
}

void add_cut_options(CLI::App& command, DataOptions& data) {
  const auto add_number = [&](const char* name, int64_t& value, const char* meaning) {
    note_given(command.add_option(name, value, meaning)->type_name("N")->check(whole_number(1)),
               data);
  };
  add_number("--upstream-length", data.upstream_length, "of a genome: bases before each gene");
  add_number("--min-protein-length", data.min_protein_length,
             "of a genome: amino acids a protein must have");
  note_given(set_choices(command.add_option("--unique", data.unique,
                                            "of a genome: keep the first gene of each upstream "
                                            "sequence, the first of each name, or all"),
                         {"sequence", "name", "none"}),
             data);
}

void add_label_option(CLI::App& command, DataOptions& data) {
  note_given(command
                 .add_option("--label-until", data.label_until,
                             "a label is what stands before the first TEXT in a name, as the "
                             "plastome study has it with _")
                 ->type_name("TEXT")
                 ->default_str("the whole name"),
             data);
}

void add_short_option(CLI::App& command, DataOptions& data) {
  note_given(set_choices(command.add_option("--short", data.too_short,
                                            "sequences of fewer letters than a window: left out, "
                                            "or an error"),
                         {"skip", "error"}),
             data);
}

CLI::Option* add_memory_option(CLI::App& command, int& k) {
  return command
      .add_option("--memory-k", k,
                  "letters of the k-mers by which memory alone is measured, beside the model")
      ->type_name("N")
      ->check(whole_number(1));
}

CLI::Option* add_unknown_option(CLI::App& command, std::string& unknown) {
  return set_choices(
      command.add_option("--unknown", unknown,
                         "letters outside the alphabet: an error, read as zeros, or their "
                         "windows skipped"),
      {"error", "zero", "skip"});
}

void add_options_for_run(CLI::App& command, DataOptions& data) {
  data.unknown.clear();
  add_unknown_option(command, data.unknown)->default_str("the run's");
  data.too_short = "skip";
  add_short_option(command, data);
  add_genome_options(command, data);
  add_label_forms(command, data, "--", "DATA");
}

}  // namespace stroma
