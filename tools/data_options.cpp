#include "tools/data_options.h"

#include <fmt/format.h>

#include <filesystem>

#include "tools/option_values.h"
#include "tools/usage.h"
#include "training/run_directory.h"

namespace stroma {

void add_data_argument(CLI::App& command, DataOptions& data, const std::string& name) {
  command
      .add_option_function<std::string>(
          name, [&data](const std::string& path) { data.path = path; },
          "a GenBank file, a FASTA file or a CSV of `SEQUENCE, LABEL` lines; plain or gzip")
      ->required();
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

std::vector<std::string> inputs_of_run(const std::string& directory, const std::string& data) {
  const std::filesystem::path run = directory;
  std::vector<std::string> inputs = {data, (run / "config.json").string()};
  for (const char* name : run_results) inputs.push_back((run / name).string());
  return inputs;
}

void check_overlaps(const WindowOptions& windows) {
  if (windows.min_overlap > windows.max_overlap) {
    fail_usage(fmt::format("--min-overlap {} is above --max-overlap {}", windows.min_overlap,
                           windows.max_overlap));
  }
  if (windows.max_overlap >= windows.length) {
    fail_usage(fmt::format("--max-overlap {} must be below the window's --length {}",
                           windows.max_overlap, windows.length));
  }
  if (windows.min_shared > windows.length) {
    fail_usage(fmt::format("--min-shared {} is above the window's --length {}", windows.min_shared,
                           windows.length));
  }
}

void add_genbank_options(CLI::App& command, DataOptions& data) {
  command
      .add_option("--upstream-length", data.upstream_length,
                  "of a GenBank file: bases before each gene")
      ->type_name("N")
      ->check(whole_number(1));
  command
      .add_option("--min-protein-length", data.min_protein_length,
                  "of a GenBank file: amino acids a protein must have")
      ->type_name("N")
      ->check(whole_number(1));
  set_choices(command.add_option("--unique", data.unique,
                                 "of a GenBank file: keep the first gene of each upstream "
                                 "sequence, the first of each name, or all"),
              {"sequence", "name", "none"});
}

CLI::Option* add_unknown_option(CLI::App& command, std::string& unknown) {
  return set_choices(
      command.add_option("--unknown", unknown,
                         "letters outside the alphabet: an error, read as zeros, or their "
                         "windows skipped"),
      {"error", "zero", "skip"});
}

}  // namespace stroma
