#include "datasets/csv_fields.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "engine/text.h"
#include "kernels/error.h"

namespace stroma {
namespace {

// Takes a field in quotes off the front of `line`, which begins with the quote.
std::string take_quoted(std::string_view& line, const std::string& where) {
  std::string field;
  for (size_t i = 1; i < line.size(); ++i) {
    if (line[i] != '"') {
      field += line[i];
    } else if (i + 1 < line.size() && line[i + 1] == '"') {
      field += line[++i];
    } else {
      line.remove_prefix(i + 1);
      return field;
    }
  }
  throw Error(where + ": a quote is opened and not closed on this line");
}

}  // namespace

std::vector<std::string> csv_fields(std::string_view line, char separator,
                                    const std::string& where) {
  const std::string_view round = separator == '\t' ? " " : blanks;
  std::vector<std::string> fields;
  while (true) {
    line.remove_prefix(std::min(line.find_first_not_of(round), line.size()));
    const bool quoted = line.starts_with('"');
    std::string field = quoted ? take_quoted(line, where) : std::string();
    const std::string_view rest = line.substr(0, line.find(separator));
    if (quoted && !trimmed(rest).empty()) throw Error(where + ": text follows a closing quote");
    fields.push_back(quoted ? std::move(field) : std::string(trimmed(rest)));
    if (rest.size() == line.size()) return fields;
    line.remove_prefix(rest.size() + 1);
  }
}

}  // namespace stroma
