// How `--help` looks: names on the left, what they mean and their defaults on the right, in lines
// of 88 columns.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace stroma {

class HelpFormatter : public CLI::Formatter {
 public:
  std::string make_help(const CLI::App* app, std::string name,
                        CLI::AppFormatMode mode) const override;
  std::string make_option(const CLI::Option* option, bool is_positional) const override;
  std::string make_subcommand(const CLI::App* command) const override;
};

}  // namespace stroma
