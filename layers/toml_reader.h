// TOML, read key by key; what is wrong with it is an Error with file and line.
#pragma once

#include <toml++/toml.h>

#include <string>
#include <vector>

#include "layers/range.h"

namespace stroma {

/// The tables of a TOML text, for a TomlReader; throws Error with `file` and line where it is none.
/// Letters beyond ASCII are still encoded in it.
toml::table parse_toml(const std::string& text, const std::string& file);

/// What is missing is complained about in `finish`, after what is unknown: a misspelt key is both.
class TomlReader {
 public:
  /// `place` says in messages which table it is ("[training]"); empty for the whole file.
  TomlReader(const toml::table& table, const std::string& file, std::string place)
      : table_(table), file_(file), place_(std::move(place)) {}

  /// Each of these leaves `value` as it is, and returns false, where the key is absent.
  bool read(const std::string& key, int64_t& value, int64_t least);
  bool read(const std::string& key, int& value, int least);
  bool read(const std::string& key, double& value, const Range& range);
  bool read(const std::string& key, bool& value);
  bool read(const std::string& key, std::string& value);
  bool read(const std::string& key, std::string& value, const std::vector<std::string>& choices);
  /// A list of strings.
  bool read(const std::string& key, std::vector<std::string>& values);
  /// The same for a key that must be there.
  template <class... Arguments>
  void require(const std::string& key, Arguments&&... arguments) {
    if (!read(key, std::forward<Arguments>(arguments)...)) miss(key);
  }
  /// A key that had to be there and was not.
  void miss(const std::string& key) { missing_.push_back(key); }
  /// A table or an array, which the caller reads; nullptr where it is absent.
  const toml::node* find(const std::string& key);

  /// Throws Error where a key is unknown, or a required one was missing.
  void finish() const;

  /// Throws Error with file and line of the value of `key`, or of the table if it has none.
  [[noreturn]] void fail(const std::string& key, const std::string& what) const;

 private:
  [[noreturn]] void fail(const toml::node& node, const std::string& what) const;
  [[noreturn]] void refuse(const std::string& key, const toml::node& node,
                           const std::string& wanted, const std::string& found) const;
  std::string in_place() const { return place_.empty() ? "" : " in " + place_; }

  const toml::table& table_;
  const std::string& file_;
  std::string place_;
  std::vector<std::string> known_, missing_;
};

}  // namespace stroma
