// A place in the source, for messages. As a default argument, `Site site = Site::here()` is the
// place of the call.
#pragma once

#include <cstring>
#include <string>

namespace stroma::emulator {

struct Site {
  const char* file = "";
  int line = 0;

  static constexpr Site here(const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
    return {file, line};
  }
  bool operator==(const Site& other) const {
    return line == other.line && (file == other.file || std::strcmp(file, other.file) == 0);
  }
};

inline std::string to_string(const Site& site) {
  return std::string(site.file) + ":" + std::to_string(site.line);
}

}  // namespace stroma::emulator
