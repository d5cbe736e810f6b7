// The subcommands: each function adds one to the program, with its options, its help and what it
// does. A command that fails throws; one that ends with a status of its own throws
// CLI::RuntimeError.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace stroma {

void add_info(CLI::App& program);
void add_simulate(CLI::App& program);
void add_extract(CLI::App& program);
void add_augment(CLI::App& program);
void add_kmers(CLI::App& program);
/// `arguments` is the command line, for the message on how to go on after an interruption.
void add_train(CLI::App& program, const std::vector<std::string>& arguments);
void add_evaluate(CLI::App& program);
void add_predict(CLI::App& program);
void add_export(CLI::App& program);

}  // namespace stroma
