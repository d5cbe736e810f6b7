// The one exception type of the program. `tools/` catches it once and prints the message.
#pragma once

#include <stdexcept>
#include <string>

namespace stroma {

/// Something the user can understand and mend: the message says what, where and what to do.
class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& message) : std::runtime_error(message) {}
};

}  // namespace stroma
