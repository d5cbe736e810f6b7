#include "datasets/embl.h"

#include <fmt/format.h>

#include <algorithm>

#include "datasets/feature_table.h"
#include "datasets/file_format.h"
#include "datasets/flat_file.h"
#include "datasets/line_reader.h"
#include "kernels/error.h"

namespace stroma {
namespace {

/// Cuts the text up to the next ';' off `text`.
std::string_view take_field(std::string_view& text) {
  const size_t end = std::min(text.find(';'), text.size());
  const std::string_view field = trimmed(text.substr(0, end));
  text.remove_prefix(std::min(end + 1, text.size()));
  return field;
}

/// Reads one entry after the other; the current line is the next that is not yet read.
class Parser {
 public:
  Parser(std::string_view text, const std::string& file) : lines_(text, file) {
    if (text.empty()) throw Error(fmt::format("{}: the file is empty", file));
    next();
  }

  std::vector<Record> parse() {
    std::vector<Record> records;
    for (;; next()) {
      while (has_line_ && trimmed(lines_.line()).empty()) next();
      if (!has_line_) break;
      if (code() != "ID") {
        fail(records.empty() ? "not an EMBL file (its first line does not start with 'ID')"
                             : "a line between entries; 'ID' expected after '//'");
      }
      records.push_back(parse_entry());
    }
    if (records.empty()) throw Error(fmt::format("{}: the file holds no entry", lines_.file()));
    set_ids(records);
    return records;
  }

 private:
  [[noreturn]] void fail(std::string_view problem) const {
    throw Error(fmt::format("{}: {}", lines_.where(), problem));
  }

  void next() { has_line_ = lines_.next(); }

  /// The two letters that say what a line holds; "" on the lines of the sequence.
  std::string_view code() const {
    const std::string_view line = lines_.line();
    return line.substr(0, std::min(line.find_first_of(blanks), line.size()));
  }

  std::string_view content() const { return trimmed(lines_.line().substr(code().size())); }

  Record parse_entry() {
    Record record;
    record.file = lines_.file();
    record.line = lines_.number();
    length_ = -1;
    master_ = contig_ = false;
    parse_id(record);
    FeatureTable table;
    bool in_sequence = false;
    for (next(); has_line_ && !lines_.line().starts_with("//"); next()) {
      if (code() == "ID") fail_cut_short(record);
      if (code() == "SQ") {
        in_sequence = true;
        reserve(record);
      } else if (in_sequence) {
        append_sequence_line(lines_, record.protein, record.letters);
      } else if (code() == "FT") {
        table.add(lines_.line().substr(2), lines_.number(), 2);
      } else {
        parse_line(record);
      }
    }
    if (!has_line_) fail_cut_short(record);
    record.features = table.finish();
    check_length(record);
    return record;
  }

  /// "ID   X56734; SV 1; linear; mRNA; STD; PLN; 1859 BP.", and of old
  /// "ID   AA03518    standard; circular DNA; FUN; 237 BP.".
  void parse_id(Record& record) {
    std::string_view rest = content();
    if (rest.ends_with('.')) rest.remove_suffix(1);
    std::string_view first = take_field(rest);
    record.name = take_word(first);
    if (record.name.empty()) fail("the ID line gives no name");
    while (!rest.empty()) {
      std::string_view field = take_field(rest);
      std::string_view words = field;
      const std::string_view word = take_word(words);
      const std::string_view second = take_word(words);
      if (word == "SV" && whole_number_of(second) >= 0) {
        record.version = fmt::format("{}.{}", record.name, second);
      }
      if (same_word(word, "circular")) record.circular = true;
      if (same_word(word, "PRT")) record.protein = true;
      // "8 SQ" counts the entries that this one stands for.
      if (whole_number_of(word) >= 0 && !same_word(second, "SQ")) {
        length_ = whole_number_of(word);
        if (same_word(second, "AA")) record.protein = true;
      }
    }
  }

  void parse_line(Record& record) {
    std::string_view rest = content();
    if (code() == "AC" && record.accession.empty()) record.accession = take_field(rest);
    if (code() == "SV") record.version = take_word(rest);
    if (code() == "OS" && record.organism.empty()) record.organism = rest;
    if (code() == "DE") record.definition.append(record.definition.empty() ? "" : " ").append(rest);
    if (code() == "CO") contig_ = true;
    if (code() == "WGS" || code() == "TSA" || code() == "TLS") master_ = true;
  }

  void reserve(Record& record) const {
    const auto rest = static_cast<int64_t>(lines_.rest().size());
    record.letters.reserve(static_cast<size_t>(std::clamp<int64_t>(length_, 0, rest) + 128));
  }

  [[noreturn]] void fail_cut_short(const Record& record) const {
    fail(
        fmt::format("the entry '{}' of line {} ends without '//'; the file is cut short, "
                    "download it again",
                    record.name, record.line));
  }

  void check_length(const Record& record) const {
    if (record.letters.empty() && master_) {
      fail(
          fmt::format("the entry '{}' is a master record of a WGS, TSA or TLS project: it names "
                      "contigs and holds no sequence itself; download its contigs",
                      record.name));
    }
    if (record.letters.empty()) {
      fail(fmt::format(
          "the entry '{}' holds no sequence{}; download it in full (ENA: EMBL format, "
          "expanded)",
          record.name, contig_ ? ", only CO lines that point to other entries" : " (SQ)"));
    }
    const auto length = static_cast<int64_t>(record.letters.size());
    if (length_ >= 0 && length != length_) {
      fail(
          fmt::format("the entry '{}' holds {} {} where its ID line says {}; the file is damaged, "
                      "download it again",
                      record.name, length, record.protein ? "AA" : "BP", length_));
    }
  }

  LineReader lines_;
  bool has_line_ = false;
  // Of the current entry:
  int64_t length_ = -1;  // as its ID line says; -1 where it says none
  bool master_ = false;
  bool contig_ = false;
};

}  // namespace

std::vector<Record> parse_embl(std::string_view text, const std::string& file) {
  return Parser(text, file).parse();
}

FileFormat embl_format() {
  return {.begins = [](std::string_view text) { return text.starts_with("ID   "); },
          .read = [](std::string_view text, const std::string& name,
                     const FileOptions&) { return with_records(name, parse_embl(text, name)); }};
}

}  // namespace stroma
