// Stockholm alignments, as Pfam and Rfam give their families: one or several a file, read as
// sequences without their gaps (https://sonnhammer.sbc.su.se/Stockholm.html).
#include <fmt/format.h>

#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "datasets/file_format.h"
#include "datasets/flat_file.h"
#include "datasets/line_reader.h"
#include "datasets/name_check.h"
#include "kernels/error.h"

namespace stroma {
namespace {

constexpr std::string_view heading = "# STOCKHOLM";

bool is_gap(char c) { return c == '.' || c == '-' || c == '_' || c == '~'; }

/// Reads one alignment after the other; a sequence has the name of its family as its label.
class Parser {
 public:
  Parser(std::string_view text, const std::string& file) : lines_(text, file) {}

  DataFile parse() {
    while (lines_.next()) {
      const std::string_view line = trimmed(lines_.line());
      if (line.empty()) continue;
      if (!line.starts_with(heading)) {
        fail(fmt::format("a line between alignments; '{}' expected after '//'", heading));
      }
      parse_alignment();
    }
    if (sequences_.empty()) fail("the file holds no sequence");
    DataFile file = with_sequences(lines_.file(), "a Stockholm alignment", std::move(sequences_));
    if (has_labels_) file.labels = std::move(labels_);
    return file;
  }

 private:
  [[noreturn]] void fail(const std::string& problem) const {
    throw Error(fmt::format("{}: {}", lines_.where(), problem));
  }

  void parse_alignment() {
    const int64_t begin = lines_.number();
    first_ = sequences_.size();
    columns_.clear();
    rows_.clear();
    std::string label;
    while (lines_.next() && !lines_.line().starts_with("//")) {
      std::string_view rest = lines_.line();
      const std::string_view word = take_word(rest);
      if (word == "#=GF" && take_word(rest) == "ID") label = trimmed(rest);
      if (!word.empty() && !word.starts_with('#')) add_row(std::string(word), trimmed(rest));
    }
    if (!lines_.line().starts_with("//")) {
      fail(
          fmt::format("the alignment of line {} ends without '//'; the file is cut short, "
                      "download it again",
                      begin));
    }
    check_rows();
    if (!label.empty()) check_name("the family's name", label, lines_.file(), begin);
    labels_.resize(sequences_.size(), label);
    has_labels_ = has_labels_ || !label.empty();
  }

  /// A line of a sequence, which may go on in a later block of the alignment.
  void add_row(const std::string& name, std::string_view aligned) {
    const auto [row, is_new] = rows_.try_emplace(name, sequences_.size());
    if (is_new) {
      check_name("the sequence's name", name, lines_.file(), lines_.number());
      sequences_.push_back({.id = name, .letters = "", .line = lines_.number()});
      columns_.push_back(0);
    }
    std::string& letters = sequences_[row->second].letters;
    for (const char c : aligned) {
      const char upper = static_cast<char>(c & ~0x20);
      const bool is_letter = upper >= 'A' && upper <= 'Z';
      if (!is_letter && !is_gap(c)) {
        fail(fmt::format("{} in the sequence of '{}'", describe_byte(c), name));
      }
      if (is_letter) letters += upper;
    }
    columns_[row->second - first_] += std::ssize(aligned);
  }

  /// Rows are letters under letters: as many columns in each, and a letter at least.
  void check_rows() const {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const Sequence& row = sequences_[first_ + i];
      const std::string where = fmt::format("{}:{}: '{}'", lines_.file(), row.line, row.id);
      if (columns_[i] != columns_[0]) {
        throw Error(
            fmt::format("{} has {} columns where '{}' has {}; the file is damaged, download "
                        "it again",
                        where, columns_[i], sequences_[first_].id, columns_[0]));
      }
      if (row.letters.empty()) throw Error(where + " has no letter; remove it");
    }
  }

  LineReader lines_;
  std::vector<Sequence> sequences_;
  std::vector<std::string> labels_;
  bool has_labels_ = false;
  // Of the current alignment:
  std::size_t first_ = 0;                              // of sequences_
  std::unordered_map<std::string, std::size_t> rows_;  // name: its place in sequences_
  std::vector<int64_t> columns_;                       // of each row
};

}  // namespace

FileFormat stockholm_format() {
  return {.begins = [](std::string_view text) { return text.starts_with(heading); },
          .read = [](std::string_view text, const std::string& name,
                     const FileOptions&) { return Parser(text, name).parse(); }};
}

}  // namespace stroma
