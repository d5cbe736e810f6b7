#include "datasets/feature_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "datasets/flat_file.h"

namespace stroma {
namespace {

constexpr size_t key_column = 5;      // where the feature table has its keys
constexpr size_t max_key_column = 9;  // where files that indent otherwise may have them
constexpr size_t tab_width = 8;

/// The column of the first character of `line` that is no blank.
size_t text_column(std::string_view line, size_t column) {
  for (const char c : line) {
    if (blanks.find(c) == blanks.npos) break;
    column = c == '\t' ? (column / tab_width + 1) * tab_width : column + 1;
  }
  return column;
}

bool looks_like_location(std::string_view text) {
  text = trimmed(text);
  if (text.starts_with('<') || text.starts_with('>')) text.remove_prefix(1);
  if (text.empty()) return false;
  if (text[0] == '(' || std::isdigit(static_cast<unsigned char>(text[0]))) return true;
  for (const char* start : {"complement(", "join(", "order(", "one-of(", "bond(", "gap("}) {
    if (text.starts_with(start)) return true;
  }
  const size_t colon = text.find(':');  // of a location in another record
  return colon != text.npos && colon + 1 < text.size() &&
         text.substr(0, colon).find_first_of(blanks) == text.npos &&
         std::isdigit(static_cast<unsigned char>(text[colon + 1]));
}

/// True for "/gene" and "/gene=…": a slash may also begin a line of a note.
bool looks_like_qualifier(std::string_view text) {
  if (!text.starts_with('/')) return false;
  const size_t end = text.find_first_of("= \t");
  const std::string_view key = text.substr(1, std::min(end, text.size()) - 1);
  return !key.empty() && std::all_of(key.begin(), key.end(), [](unsigned char c) {
    return std::isalnum(c) || c == '_' || c == '-';
  });
}

}  // namespace

bool FeatureTable::starts_feature(std::string_view line, size_t column) const {
  const size_t indent = text_column(line, column);
  if (indent > max_key_column) return false;
  const std::string_view key = take_word(line);
  if (key.starts_with('/') || key.starts_with('"')) return false;
  return looks_like_location(line) || (indent == key_column && !in_quotes_);
}

void FeatureTable::add(std::string_view line, int64_t number, size_t column) {
  const std::string_view text = trimmed(line);
  if (text.empty()) return;
  if (starts_feature(line, column)) {
    finish_feature();
  } else if (lines_.empty()) {
    // The key is missing; nobody asks for a feature without one.
    lines_.push_back({"", number});
  }
  lines_.push_back({text, number});
  if (std::count(text.begin(), text.end(), '"') % 2 != 0) in_quotes_ = !in_quotes_;
}

std::vector<Feature> FeatureTable::finish() {
  finish_feature();
  return std::move(features_);
}

void FeatureTable::finish_feature() {
  in_quotes_ = false;
  if (lines_.empty()) return;
  Feature feature{.key = "", .location = "", .qualifiers = {}, .line = lines_[0].number};
  std::string_view rest = lines_[0].text;
  feature.key = take_word(rest);
  // A qualifier may stand behind the location.
  const size_t slash = std::min(rest.find('/'), rest.size());
  feature.location = without_blanks(rest.substr(0, slash));
  lines_[0].text = rest.substr(slash);
  size_t line = lines_[0].text.empty() ? 1 : 0;
  for (; line < lines_.size() && !lines_[line].text.starts_with('/'); ++line) {
    feature.location += without_blanks(lines_[line].text);
  }
  if (feature.location.empty()) {
    feature.problem = fmt::format("the feature {} has no location", feature.key);
  }
  while (line < lines_.size()) line = read_qualifier(line, feature);
  features_.push_back(std::move(feature));
  lines_.clear();
}

/// The first line from `line` on that begins a qualifier.
size_t FeatureTable::next_qualifier(size_t line) const {
  while (line < lines_.size() && !looks_like_qualifier(lines_[line].text)) ++line;
  return line;
}

/// Reads the qualifier that begins in `line` and gives the line after it. Goes on behind what
/// cannot be read, so that the feature keeps its name for messages.
size_t FeatureTable::read_qualifier(size_t line, Feature& feature) const {
  std::string_view text = lines_[line].text;
  std::string problem;
  if (!text.starts_with('/')) {
    problem =
        fmt::format("line {} holds no qualifier: it does not begin with '/'", lines_[line].number);
    line = next_qualifier(line);
  } else {
    text.remove_prefix(1);
    const size_t equals = text.find('=');
    Qualifier qualifier{std::string(trimmed(text.substr(0, equals))), ""};
    text = equals == text.npos ? std::string_view() : trimmed(text.substr(equals + 1));
    if (text.starts_with('"')) {
      line = read_quoted(line, text.substr(1), qualifier, problem);
    } else {
      qualifier.value = text;
      for (++line; equals != std::string_view::npos && line < lines_.size() &&
                   !lines_[line].text.starts_with('/');
           ++line) {
        if (!qualifier.value.starts_with('(')) qualifier.value += ' ';  // not in (pos:1..3,aa:Met)
        qualifier.value += lines_[line].text;
      }
    }
    if (qualifier.key == "translation") qualifier.value = without_blanks(qualifier.value);
    feature.qualifiers.push_back(std::move(qualifier));
  }
  if (feature.problem.empty()) feature.problem = problem;
  return line;
}

/// The text up to the closing quote, over as many lines as it takes, with a space for each line
/// end. Two quotes in a row stand for one.
size_t FeatureTable::read_quoted(size_t line, std::string_view text, Qualifier& qualifier,
                                 std::string& problem) const {
  const size_t first = line;
  std::string& value = qualifier.value;
  const auto never_closes = [&] {
    problem = fmt::format("the quote of /{} in line {} never closes", qualifier.key,
                          lines_[first].number);
    return next_qualifier(first + 1);
  };
  for (;;) {
    for (size_t i = 0; i < text.size(); ++i) {
      if (text[i] != '"') {
        value += text[i];
      } else if (i + 1 < text.size() && text[i + 1] == '"') {
        value += text[i++];
      } else if (i + 1 == text.size()) {
        return line + 1;
      } else {
        // A quote that never closed has run into the next qualifier, up to that one's quote.
        if (next_qualifier(first + 1) <= line) return never_closes();
        problem = fmt::format(
            "text after the closing quote of /{} in line {}; a quote within a text is written "
            "twice",
            qualifier.key, lines_[line].number);
        return next_qualifier(line + 1);
      }
    }
    if (++line == lines_.size()) return never_closes();
    text = lines_[line].text;
    if (!value.empty()) value += ' ';
  }
}

}  // namespace stroma
