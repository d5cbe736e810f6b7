// What a user is told who called the program wrongly.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace stroma {

/// One sentence on what is wrong with the command line and where help is, with the nearest name for
/// a misspelt one.
std::string usage_sentence(const CLI::App& program, const CLI::ParseError& error);

/// The help of a command that was called without the subcommand it needs and without anything
/// else; otherwise "".
std::string help_if_nothing_asked(const CLI::App& program);

/// Throws for options that do not go together.
[[noreturn]] void fail_usage(const std::string& clause);

}  // namespace stroma
