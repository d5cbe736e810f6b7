// Enums of which a user chooses a value by its name: a table of names each, and what follows from
// it.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <type_traits>
#include <vector>

#include "kernels/error.h"

namespace stroma {

/// Specialised beside such an enum: `kind` is the word for it in messages, `all` are the names of
/// its values, in their order.
template <class Enum>
struct NamesOf;

template <class Enum>
concept Named = std::is_enum_v<Enum> && requires {
  NamesOf<Enum>::all;
};

template <Named Enum>
std::vector<std::string> names_of() {
  return {std::begin(NamesOf<Enum>::all), std::end(NamesOf<Enum>::all)};
}

template <Named Enum>
std::string to_string(Enum value) {
  return NamesOf<Enum>::all[static_cast<std::size_t>(value)];
}

/// Words as a sentence lists them: "a, b and c", with `conjunction` "and".
inline std::string listed(const std::vector<std::string>& words, const std::string& conjunction) {
  std::string list;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) list += i + 1 == words.size() ? " " + conjunction + " " : ", ";
    list += words[i];
  }
  return list;
}

/// Throws Error for a name that is none.
template <Named Enum>
Enum named(const std::string& name) {
  const std::vector<std::string> names = names_of<Enum>();
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) {
    throw Error(fmt::format("\"{}\" is no {}; there are {}", name, NamesOf<Enum>::kind,
                            listed(names, "and")));
  }
  return static_cast<Enum>(found - names.begin());
}

}  // namespace stroma
