// A text line by line, with the place of each line for messages.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace stroma {

/// Walks over the lines of a text that outlives it; "\n" and "\r\n" end a line. A byte-order mark
/// before a line, where files were joined, is none of it.
class LineReader {
 public:
  /// `file` is the name in messages.
  LineReader(std::string_view text, std::string file) : rest_(text), file_(std::move(file)) {}

  /// Moves on to the next line; false at the end of the text.
  bool next() {
    if (rest_.empty()) {
      line_ = {};
      return false;
    }
    const size_t end = rest_.find('\n');
    line_ = rest_.substr(0, end);
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    if (line_.ends_with('\r')) line_.remove_suffix(1);
    if (line_.starts_with("\xef\xbb\xbf")) line_.remove_prefix(3);
    ++number_;
    return true;
  }

  /// The current line without its end.
  std::string_view line() const { return line_; }

  /// What follows the current line.
  std::string_view rest() const { return rest_; }

  /// The current line's number, from 1; at the end of the text the number of the last line.
  int64_t number() const { return number_; }

  const std::string& file() const { return file_; }

  /// "file:line" of the current line.
  std::string where() const { return fmt::format("{}:{}", file_, number_); }

 private:
  std::string_view rest_;
  std::string_view line_;
  int64_t number_ = 0;
  std::string file_;
};

}  // namespace stroma
