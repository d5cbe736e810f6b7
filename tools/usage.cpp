#include "tools/usage.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "engine/text.h"

namespace stroma {
namespace {

/// The innermost subcommand that was called, and how it is called in full.
struct Called {
  const CLI::App* command;
  std::string name;
};

Called called(const CLI::App& program) {
  Called result{&program, program.get_name()};
  while (!result.command->get_subcommands().empty()) {
    result.command = result.command->get_subcommands().back();
    result.name += " " + result.command->get_name();
  }
  return result;
}

/// "; did you mean --epochs?" or, where no name is near, "".
std::string suggestion(const std::string& word, const std::vector<std::string>& names) {
  std::string nearest;
  std::size_t least = 1 + word.size() / 3;  // more changes than this make another word
  for (const std::string& name : names) {
    const bool begins = word.size() > 3 && name.starts_with(word);
    const std::size_t distance = begins ? 0 : edit_distance(word, name);
    if (distance < least || (distance == least && nearest.empty())) {
      least = distance;
      nearest = name;
    }
  }
  return nearest.empty() ? "" : "; did you mean " + nearest + "?";
}

std::string about_unknown_word(const Called& at, const std::string& word) {
  std::vector<std::string> names;
  if (word.starts_with('-')) {
    const std::string name = word.substr(0, word.find('='));
    for (const CLI::Option* option : at.command->get_options()) {
      for (const std::string& each : option->get_lnames()) names.push_back("--" + each);
      for (const std::string& each : option->get_fnames()) names.push_back("--" + each);
    }
    return fmt::format("there is no option {}{}", name, suggestion(name, names));
  }
  for (const CLI::App* command : at.command->get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(command->get_name());
  if (names.empty()) return fmt::format("\"{}\" is one argument too many", word);
  return fmt::format("there is no command \"{}\"{}", word, suggestion(word, names));
}

/// CLI11's words, where they make a sentence once the option's name is part of it.
std::string clause_of(const CLI::ParseError& error) {
  std::string text = error.what();
  const std::string kind = error.get_name();
  const std::size_t colon = text.find(": ");
  if (kind == "ValidationError" && colon != std::string::npos) {  // "--epochs: must be …"
    text.erase(colon, 1);
  } else if (kind == "ArgumentMismatch" && colon != std::string::npos) {
    const bool missing = text.ends_with("missing");  // "--out: 1 required RUN missing"
    text = text.substr(0, colon) + (missing ? " needs a value" : " is given more than once");
  } else if (kind == "ConversionError" && colon != std::string::npos) {
    // Values are checked before; this is "Could not convert: --quiet = no".
    text = text.substr(colon + 2, text.find(" = ") - colon - 2) + " takes no value";
  } else if (kind == "ExcludesError") {  // "--resume excludes --force"
    const std::size_t word = text.find(" excludes ");
    if (word != std::string::npos) text.replace(word, 10, " does not go with ");
  }
  return text;
}

}  // namespace

std::string usage_sentence(const CLI::App& program, const CLI::ParseError& error) {
  const Called at = called(program);
  const std::vector<std::string> unknown = at.command->remaining();
  std::string clause;
  if (unknown.empty()) {
    clause = clause_of(error);
  } else {
    const auto option = std::find_if(unknown.begin(), unknown.end(),
                                     [](const std::string& word) { return word.starts_with('-'); });
    clause = about_unknown_word(at, option == unknown.end() ? unknown.front() : *option);
  }
  const char* link = clause.ends_with('?') ? " See " : "; see ";
  return fmt::format("{}{}{} --help", clause, link, at.name);
}

std::string help_if_nothing_asked(const CLI::App& program) {
  const Called at = called(program);
  const bool needs_more = at.command->get_require_subcommand_min() > 0;
  return needs_more && at.command->remaining().empty() ? program.help() : "";
}

void fail_usage(const std::string& clause) {
  throw CLI::ParseError(clause, CLI::ExitCodes::ValidationError);
}

}  // namespace stroma
