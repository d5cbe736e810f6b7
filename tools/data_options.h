// The options that say how DATA becomes examples, for all commands that read it.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "training/data_source.h"

namespace stroma {

/// The positional argument `name`: one or several files.
CLI::Option* add_data_argument(CLI::App& command, DataOptions& data, const std::string& name);

/// --class and --labels, or with `prefix` "--test-" those of that part: labels that the sequences
/// of `files` do not have themselves. `data` is what messages call the files.
void add_label_forms(CLI::App& command, DataFiles& files, const std::string& prefix,
                     const std::string& data);

/// --validation and --test, with their forms, and --unseen.
void add_given_parts(CLI::App& command, DataOptions& data);

/// --unseen, of which `names` are the choices.
CLI::Option* add_unseen_option(CLI::App& command, Unseen& unseen,
                               const std::vector<std::string>& names);

/// Fails, as usage, where a file is named twice, or one annotation stands beside several files.
void check_data_files(const DataOptions& data);

/// The files of DATA, for check_output.
std::vector<std::string> inputs_of(const DataOptions& data);

/// What a command reads that uses a run: the files in its directory, and those of DATA.
std::vector<std::string> inputs_of_run(const std::string& directory, const DataOptions& data);

/// The files that `asked` names, read as a run with the options `of_run` read its own; what `asked`
/// gives besides takes the place of the run's.
DataOptions as_the_run_reads(DataOptions of_run, const DataOptions& asked);

/// --min-overlap, --max-overlap, --min-shared.
void add_overlap_options(CLI::App& command, WindowOptions& windows);

/// Fails, as usage, where these and the length do not go together.
void check_overlaps(const WindowOptions& windows);

/// --annotation.
void add_annotation_option(CLI::App& command, DataOptions& data);

/// How a genome is read: --annotation, --feature, --strict.
void add_genome_options(CLI::App& command, DataOptions& data);

/// What is cut out of a genome: --upstream-length, --min-protein-length, --unique.
void add_cut_options(CLI::App& command, DataOptions& data);

/// --label-until.
void add_label_option(CLI::App& command, DataOptions& data);

/// --unknown.
CLI::Option* add_unknown_option(CLI::App& command, std::string& unknown);

/// --memory-k.
CLI::Option* add_memory_option(CLI::App& command, int& k);

/// --short.
void add_short_option(CLI::App& command, DataOptions& data);

/// How DATA is read for a run that there is: --unknown as the run has it, --short, which leaves
/// such sequences out unless told otherwise, and those of genomes.
void add_options_for_run(CLI::App& command, DataOptions& data);

}  // namespace stroma
