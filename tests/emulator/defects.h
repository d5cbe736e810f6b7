// What the tests with planted defects share: the messages of kernels that fail.
#pragma once

#include <string>
#include <vector>

#include "tests/emulator/device.h"

namespace stroma::kernels {

/// The message of the Error that a launch throws.
template <auto kernel>
std::string message_of(const LaunchConfig& config) {
  try {
    test::output_of<kernel, float>(config, 1024);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

/// Fails unless the message has all these parts.
inline void expect_parts(const std::string& message, const std::vector<std::string>& parts) {
  for (const std::string& part : parts) {
    EXPECT_NE(message.find(part), std::string::npos) << "no \"" << part << "\" in: " << message;
  }
}

}  // namespace stroma::kernels
