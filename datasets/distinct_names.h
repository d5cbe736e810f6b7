// Names that tell apart what is called the same.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <unordered_map>
#include <unordered_set>

namespace stroma {

/// Gives each name once: NAME, then with the separator '#' NAME#2, NAME#3, … Remembers the number
/// that a name has come to, as a genome may have thousands of 'hypothetical protein'.
class DistinctNames {
 public:
  explicit DistinctNames(char separator) : separator_(separator) {}

  /// `name`, or the next of its numbers that is free; taken from then on.
  std::string take(const std::string& name) {
    std::string distinct = name;
    while (!taken_.insert(distinct).second) {
      int64_t& number = last_.try_emplace(name, 1).first->second;
      distinct = fmt::format("{}{}{}", name, separator_, ++number);
    }
    return distinct;
  }

 private:
  char separator_;
  std::unordered_set<std::string> taken_;
  std::unordered_map<std::string, int64_t> last_;  // number given to each name
};

}  // namespace stroma
