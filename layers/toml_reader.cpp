#include "layers/toml_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string_view>

#include "engine/float32.h"
#include "engine/text.h"
#include "kernels/error.h"

namespace stroma {
namespace {

using Names = std::vector<std::string>;

/// Keeps products of a few sizes inside int64.
constexpr int64_t largest_size = 1 << 24;

/// "; did you mean 'relu'?", or "; there are relu, tanh" where nothing is near.
std::string suggestion(std::string_view wrong, const Names& right) {
  const auto nearest = std::min_element(right.begin(), right.end(), [&](auto& a, auto& b) {
    return edit_distance(wrong, a) < edit_distance(wrong, b);
  });
  if (nearest == right.end()) return "; there are none";
  if (edit_distance(wrong, *nearest) <= std::max<std::size_t>(2, wrong.size() / 3)) {
    return fmt::format("; did you mean '{}'?", *nearest);
  }
  return fmt::format("; there are {}", fmt::join(right, ", "));
}

const char* type_name(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::string:
      return "a string";
    case toml::node_type::integer:
      return "a whole number";
    case toml::node_type::floating_point:
      return "a number with a fraction";
    case toml::node_type::boolean:
      return "true or false";
    case toml::node_type::table:
      return "a table";
    case toml::node_type::array:
      return "a list";
    default:
      return "a date or time";
  }
}

/// Writes letters beyond ASCII as %XX: in the wrong place some of them are undefined behaviour in
/// toml++ (https://github.com/marzer/tomlplusplus/issues/295).
std::string percent_encode(std::string_view text, const std::string& file) {
  std::string result;
  int line = 1;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = first_code_point(text.substr(i)).size;
    if (length == 0) {
      throw Error(fmt::format("{}:{}: not UTF-8 text; save it as UTF-8", file, line));
    }
    if (text[i] == '\n') ++line;
    for (const char letter : text.substr(i, length)) {
      if (length == 1 && letter != '%') {
        result += letter;
      } else {
        result += fmt::format("%{:02X}", static_cast<unsigned char>(letter));
      }
    }
    i += length;
  }
  return result;
}

std::string percent_decode(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned byte = 0;
    if (text[i] == '%' &&
        std::from_chars(text.data() + i + 1, text.data() + std::min(i + 3, text.size()), byte, 16)
                .ptr == text.data() + i + 3) {
      result += static_cast<char>(byte);
      i += 2;
    } else {
      result += text[i];
    }
  }
  return result;
}

}  // namespace

toml::table parse_toml(const std::string& text, const std::string& file) {
  try {
    return toml::parse(percent_encode(text, file));
  } catch (const toml::parse_error& error) {
    throw Error(fmt::format("{}:{}: not a TOML file: {}", file, error.source().begin.line,
                            percent_decode(error.description())));
  }
}

bool TomlReader::read(const std::string& key, int64_t& value, int64_t least) {
  const toml::node* node = find(key);
  if (!node) return false;
  if (!node->is_integer()) refuse(key, *node, "a whole number", type_name(*node));
  const int64_t found = node->as_integer()->get();
  if (found < least || found > largest_size) {
    refuse(key, *node, fmt::format("at least {} and at most {}", least, largest_size),
           fmt::to_string(found));
  }
  value = found;
  return true;
}

bool TomlReader::read(const std::string& key, int& value, int least) {
  int64_t wide = value;
  const bool there = read(key, wide, int64_t{least});
  value = static_cast<int>(wide);
  return there;
}

bool TomlReader::read(const std::string& key, double& value, const Range& range) {
  const toml::node* node = find(key);
  if (!node) return false;
  if (!node->is_number()) refuse(key, *node, "a number", type_name(*node));
  const double found = *node->value<double>();
  if (!range.contains(found)) refuse(key, *node, range.text(), fmt::to_string(found));
  if (range.as_float32) {
    if (!fits_float32(found)) refuse(key, *node, float32_range, fmt::to_string(found));
    if (!range.contains(static_cast<float>(found))) {
      refuse(key, *node, range.text() + " in 32-bit numbers, too", fmt::to_string(found));
    }
  }
  value = found;
  return true;
}

bool TomlReader::read(const std::string& key, bool& value) {
  const toml::node* node = find(key);
  if (!node) return false;
  if (!node->is_boolean()) refuse(key, *node, "true or false", type_name(*node));
  value = node->as_boolean()->get();
  return true;
}

bool TomlReader::read(const std::string& key, std::string& value) {
  const toml::node* node = find(key);
  if (!node) return false;
  if (!node->is_string()) refuse(key, *node, "a string", type_name(*node));
  value = percent_decode(node->as_string()->get());
  return true;
}

bool TomlReader::read(const std::string& key, std::string& value, const Names& choices) {
  if (!read(key, value)) return false;
  if (std::find(choices.begin(), choices.end(), value) == choices.end()) {
    fail(key, fmt::format("'{}'{} cannot be '{}'{}", key, in_place(), value,
                          suggestion(value, choices)));
  }
  return true;
}

bool TomlReader::read(const std::string& key, Names& values) {
  const toml::node* node = find(key);
  if (!node) return false;
  const toml::array* array = node->as_array();
  const bool strings = array && std::all_of(array->begin(), array->end(), [](const auto& element) {
                         return element.is_string();
                       });
  if (!strings)
    refuse(key, *node, "a list of strings", array ? "a list of others" : type_name(*node));
  values.clear();
  for (const toml::node& element : *array) {
    values.push_back(percent_decode(element.as_string()->get()));
  }
  return true;
}

const toml::node* TomlReader::find(const std::string& key) {
  known_.push_back(key);
  return table_.get(key);
}

void TomlReader::finish() const {
  for (const auto& [key, node] : table_) {
    if (std::find(known_.begin(), known_.end(), key.str()) != known_.end()) continue;
    fail(node, fmt::format("unknown key '{}'{}{}", percent_decode(key.str()), in_place(),
                           suggestion(key.str(), known_)));
  }
  if (!missing_.empty()) {
    fail(table_, fmt::format("the key '{}' is missing{}", missing_[0], in_place()));
  }
}

void TomlReader::fail(const std::string& key, const std::string& what) const {
  const toml::node* node = table_.get(key);
  fail(node ? *node : table_, what);
}

void TomlReader::fail(const toml::node& node, const std::string& what) const {
  throw Error(fmt::format("{}:{}: {}", file_, node.source().begin.line, what));
}

void TomlReader::refuse(const std::string& key, const toml::node& node, const std::string& wanted,
                        const std::string& found) const {
  fail(node, fmt::format("'{}'{} must be {}, not {}", key, in_place(), wanted, found));
}

}  // namespace stroma
