// The options that say how DATA becomes examples, for all commands that read it.
#pragma once

#include <CLI/CLI.hpp>

#include "training/data_source.h"

namespace stroma {

/// The positional argument `name`: a GenBank, FASTA or CSV file.
void add_data_argument(CLI::App& command, DataOptions& data, const std::string& name);

/// --min-overlap, --max-overlap, --min-shared.
void add_overlap_options(CLI::App& command, WindowOptions& windows);

/// What a command reads that uses a run: the files in its directory, and `data`.
std::vector<std::string> inputs_of_run(const std::string& directory, const std::string& data);

/// Fails, as usage, where these and the length do not go together.
void check_overlaps(const WindowOptions& windows);

/// What is cut out of a GenBank file: --upstream-length, --min-protein-length, --unique.
void add_genbank_options(CLI::App& command, DataOptions& data);

/// --unknown.
CLI::Option* add_unknown_option(CLI::App& command, std::string& unknown);

}  // namespace stroma
