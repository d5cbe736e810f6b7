#include "tools/output.h"

#include <fmt/format.h>

#include <cerrno>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <iostream>

#include "engine/files.h"
#include "kernels/error.h"
#include "tools/stop_signal.h"
#include "tools/usage.h"

namespace stroma {

void write_output(const std::string& path, const std::function<void(std::ostream&)>& write) {
  if (path != "-") {
    const WriteInProgress in_progress;
    return write_file(path, write);
  }
  errno = 0;
  std::cout.exceptions(std::ios::badbit | std::ios::failbit);
  try {
    write(std::cout);
    std::cout.flush();
  } catch (const std::ios_base::failure&) {
    throw Error("cannot write to standard output: " + system_reason());
  }
}

void write_output(const std::string& path, const std::string& text) {
  write_output(path, [&](std::ostream& out) { out << text; });
}

void check_output(const std::string& output, const std::vector<std::string>& inputs) {
  if (output == "-") return;
  std::error_code missing;  // then it is not the same
  for (const std::string& input : inputs) {
    if (std::filesystem::equivalent(output, input, missing)) {
      fail_usage(
          fmt::format("{} would be written over the input {}; name another file", output, input));
    }
  }
  check_writable(output);
}

std::string figure(double value) { return std::isnan(value) ? "–" : fmt::format("{:.4f}", value); }

std::string figure(double value, double standard_error) {
  return figure(value) + (std::isnan(standard_error) ? "" : " ± " + figure(standard_error));
}

// Not fmt::print, which throws.
void print_message(const std::string& text) { std::fputs(text.c_str(), stderr); }

void Messages::print(const std::string& line) const {
  if (!quiet_) print_message(line + "\n");
}

void Messages::print(const std::vector<std::string>& lines) const {
  for (const std::string& line : lines) print(line);
}

}  // namespace stroma
