// Where results and messages go: results to a file or to standard output, messages to standard
// error.
#pragma once

#include <functional>
#include <ostream>
#include <string>
#include <vector>

namespace stroma {

/// Writes to the file `path`, whole or not at all, or to standard output where it is "-". Throws
/// Error where that fails.
void write_output(const std::string& path, const std::function<void(std::ostream&)>& write);
void write_output(const std::string& path, const std::string& text);

/// Fails where `output` cannot be written, before there is work to lose; as usage where it would
/// replace one of the inputs.
void check_output(const std::string& output, const std::vector<std::string>& inputs);

/// "0.9655", or "–" where it is undefined (NaN).
std::string figure(double value);
/// "0.9655 ± 0.0012", without the error where that is undefined.
std::string figure(double value, double standard_error);

/// To standard error. A reader who has left, as `head` does, or a full disk ends no work.
void print_message(const std::string& text);

/// Prints sentences to standard error unless told to be quiet.
class Messages {
 public:
  explicit Messages(bool quiet) : quiet_(quiet) {}
  void print(const std::string& line) const;
  void print(const std::vector<std::string>& lines) const;

 private:
  bool quiet_;
};

}  // namespace stroma
