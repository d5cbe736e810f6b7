#include "tools/help_formatter.h"

#include <sstream>

namespace stroma {
namespace {

constexpr std::size_t name_columns = 28;
constexpr std::size_t all_columns = 88;

/// "  name   text that goes on" and on, below itself.
std::string entry(const std::string& name, const std::string& text) {
  std::string out = "  " + name;
  std::size_t column = out.size();
  if (column >= name_columns) {
    out += '\n';
    column = 0;
  }
  out.append(name_columns - column, ' ');
  column = name_columns;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    if (column > name_columns && column + 1 + word.size() > all_columns) {
      out += '\n' + std::string(name_columns, ' ');
      column = name_columns;
    } else if (column > name_columns) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
  }
  return out + '\n';
}

}  // namespace

std::string HelpFormatter::make_help(const CLI::App* app, std::string name,
                                     CLI::AppFormatMode mode) const {
  // CLI11 leaves two lines free between groups of options.
  return CLI::detail::find_and_replace(Formatter::make_help(app, name, mode), "\n\n\n", "\n\n");
}

std::string HelpFormatter::make_option(const CLI::Option* option, bool is_positional) const {
  std::string name = option->get_name(is_positional, !is_positional);
  if (!is_positional) {
    name = name.substr(0, name.find('{'));  // "--x,--no-x{false}"
    if (option->get_type_size() != 0) name += " " + option->get_type_name();
  }
  std::string text = option->get_description();
  if (option->get_required()) text += " (required)";
  if (!option->get_default_str().empty() && option->get_type_size() != 0) {
    text += " (default: " + option->get_default_str() + ")";
  }
  return entry(name, text);
}

std::string HelpFormatter::make_subcommand(const CLI::App* command) const {
  return entry(command->get_name(), command->get_description());
}

}  // namespace stroma
