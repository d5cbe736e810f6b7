#include "datasets/genbank.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>

#include "datasets/line_reader.h"
#include "datasets/text_file.h"
#include "kernels/error.h"

namespace stroma {
namespace {

constexpr std::string_view blank = " \t";
constexpr size_t key_column = 5;  // feature keys are indented by five, what belongs to them by more

std::string_view trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(blank);
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(blank) + 1 - begin);
}

/// Cuts the first word off `text`; "" at its end.
std::string_view take_word(std::string_view& text) {
  text = trimmed(text);
  const std::string_view word = text.substr(0, text.find_first_of(blank));
  text.remove_prefix(word.size());
  return word;
}

size_t indent(std::string_view line) {
  return std::min(line.find_first_not_of(blank), line.size());
}

std::string without_blanks(std::string_view text) {
  std::string result(text);
  std::erase_if(result, [](char c) { return blank.find(c) != blank.npos; });
  return result;
}

/// Reads one record after the other; the current line is the next that is not yet read.
class Parser {
 public:
  Parser(std::string_view text, const std::string& file) : lines_(text, file) {
    if (text.empty()) throw Error(fmt::format("{}: the file is empty", file));
    has_line_ = lines_.next();
  }

  std::vector<Record> parse() {
    std::vector<Record> records;
    while (skip_blank_lines()) {
      if (!lines_.line().starts_with("LOCUS")) {
        fail(records.empty() ? "not a GenBank file (its first line does not start with 'LOCUS')"
                             : "a line between records; 'LOCUS' expected after '//'");
      }
      records.push_back(parse_record());
    }
    if (records.empty()) throw Error(fmt::format("{}: the file holds no record", lines_.file()));
    return records;
  }

 private:
  [[noreturn]] void fail(std::string_view problem) const {
    throw Error(fmt::format("{}: {}", lines_.where(), problem));
  }

  void next() { has_line_ = lines_.next(); }

  bool skip_blank_lines() {
    while (has_line_ && trimmed(lines_.line()).empty()) next();
    return has_line_;
  }

  Record parse_record() {
    Record record;
    record.file = lines_.file();
    record.line = lines_.number();
    parse_locus(record);
    bool has_contig = false;
    while (has_line_ && !lines_.line().starts_with("//")) {
      std::string_view rest = lines_.line();
      const std::string_view keyword = take_word(rest);
      const bool top = indent(lines_.line()) == 0;
      if (top && keyword == "FEATURES") {
        next();
        parse_features(record);
      } else if (top && keyword == "ORIGIN") {
        next();
        parse_origin(record);
      } else if (top && keyword == "DEFINITION") {
        record.definition = parse_paragraph(rest);
      } else {
        if (top && keyword == "LOCUS") fail_cut_short(record);
        if (top && keyword == "ACCESSION") record.accession = take_word(rest);
        if (top && keyword == "VERSION") record.version = take_word(rest);
        if (keyword == "ORGANISM" && record.organism.empty()) record.organism = trimmed(rest);
        if (top && keyword == "CONTIG") has_contig = true;
        next();
      }
    }
    if (!has_line_) fail_cut_short(record);
    check_length(record, has_contig);
    next();
    record.id = record.version.empty() ? record.name : record.version;
    return record;
  }

  [[noreturn]] void fail_cut_short(const Record& record) const {
    fail(
        fmt::format("the record '{}' of line {} ends without '//'; the file is cut short, "
                    "download it again",
                    record.name, record.line));
  }

  void parse_locus(Record& record) {
    std::string_view rest = lines_.line();
    take_word(rest);
    record.name = take_word(rest);
    const std::string_view number = take_word(rest);
    const auto result = std::from_chars(number.data(), number.data() + number.size(), length_);
    const std::string_view unit = take_word(rest);
    if (unit == "aa") fail("a protein record; give the nucleotide record that it comes from");
    if (number.empty() || result.ec != std::errc() || result.ptr != number.data() + number.size() ||
        length_ < 0 || unit != "bp") {
      fail("the LOCUS line does not give a name and a length in bp");
    }
    while (!rest.empty()) {
      if (take_word(rest) == "circular") record.circular = true;
    }
    next();
  }

  /// The text of this line and of the indented ones after it.
  std::string parse_paragraph(std::string_view first) {
    std::string text(trimmed(first));
    for (next(); has_line_ && indent(lines_.line()) > 0; next()) {
      const std::string_view more = trimmed(lines_.line());
      if (!more.empty()) text.append(" ").append(more);
    }
    return text;
  }

  void parse_features(Record& record) {
    while (has_line_ && (indent(lines_.line()) > 0 || lines_.line().empty())) {
      if (trimmed(lines_.line()).empty()) {
        next();
      } else if (indent(lines_.line()) == key_column) {
        parse_feature(record);
      } else {
        fail("a feature expected, its key indented by five spaces");
      }
    }
  }

  /// True where the current line goes on with a feature.
  bool belongs_to_feature() const { return has_line_ && indent(lines_.line()) > key_column; }

  void parse_feature(Record& record) {
    Feature feature;
    feature.line = lines_.number();
    std::string_view rest = lines_.line();
    feature.key = take_word(rest);
    feature.location = without_blanks(rest);
    for (next(); belongs_to_feature() && !trimmed(lines_.line()).starts_with('/'); next()) {
      feature.location += without_blanks(lines_.line());
    }
    if (!has_line_) fail_cut_short(record);
    if (feature.location.empty()) {
      feature.problem = fmt::format("the feature {} has no location", feature.key);
    }
    while (belongs_to_feature()) feature.qualifiers.push_back(parse_qualifier());
    record.features.push_back(std::move(feature));
  }

  Qualifier parse_qualifier() {
    std::string_view line = trimmed(lines_.line());
    if (!line.starts_with('/')) fail("a qualifier that starts with '/' expected");
    line.remove_prefix(1);
    const size_t equals = line.find('=');
    Qualifier qualifier{std::string(line.substr(0, equals)), ""};
    if (equals == line.npos) {
      next();
      return qualifier;
    }
    line.remove_prefix(equals + 1);
    if (line.starts_with('"')) {
      qualifier.value = parse_quoted(line.substr(1), qualifier.key);
      if (qualifier.key == "translation") qualifier.value = without_blanks(qualifier.value);
      return qualifier;
    }
    qualifier.value = line;
    for (next(); belongs_to_feature() && !trimmed(lines_.line()).starts_with('/'); next()) {
      qualifier.value += trimmed(lines_.line());
    }
    return qualifier;
  }

  /// The text up to the closing quote, over as many lines as it takes, with a space for each line
  /// end. Two quotes in a row stand for one.
  std::string parse_quoted(std::string_view line, const std::string& key) {
    const int64_t first_line = lines_.number();
    std::string text;
    for (;;) {
      for (size_t i = 0; i < line.size(); ++i) {
        if (line[i] != '"') {
          text += line[i];
        } else if (i + 1 < line.size() && line[i + 1] == '"') {
          text += line[i++];
        } else {
          if (i + 1 < line.size()) fail(fmt::format("text after the closing quote of /{}", key));
          next();
          return text;
        }
      }
      next();
      if (!belongs_to_feature() && !lines_.line().empty()) {
        throw Error(
            fmt::format("{}:{}: the quote of /{} never closes", lines_.file(), first_line, key));
      }
      if (!has_line_) fail("the file is cut short within a qualifier; download it again");
      line = trimmed(lines_.line());
      if (!text.empty() && !line.empty()) text += ' ';
    }
  }

  void parse_origin(Record& record) {
    for (; has_line_ && (indent(lines_.line()) > 0 || lines_.line().empty()); next()) {
      std::string_view rest = trimmed(lines_.line());
      rest.remove_prefix(std::min(rest.find_first_not_of("0123456789"), rest.size()));
      for (const char c : rest) {
        if (blank.find(c) != blank.npos) continue;
        const auto byte = static_cast<unsigned char>(c);
        if (!std::isalpha(byte)) {
          fail(std::isprint(byte) ? fmt::format("the character '{}' in the sequence", c)
                                  : fmt::format("the byte 0x{:02X} in the sequence", byte));
        }
        record.letters += static_cast<char>(std::toupper(byte));
      }
    }
  }

  void check_length(const Record& record, bool has_contig) const {
    if (record.letters.empty() && has_contig) {
      fail(
          fmt::format("the record '{}' holds no sequence, only a CONTIG line that points to other "
                      "records; download it in full (NCBI: 'GenBank (full)', gbwithparts)",
                      record.name));
    }
    if (record.letters.empty()) {
      fail(fmt::format("the record '{}' holds no sequence (ORIGIN)", record.name));
    }
    if (static_cast<int64_t>(record.letters.size()) != length_) {
      fail(
          fmt::format("the record '{}' holds {} bp where its LOCUS line says {}; the file is "
                      "damaged, download it again",
                      record.name, record.letters.size(), length_));
    }
  }

  LineReader lines_;
  bool has_line_ = false;
  int64_t length_ = 0;  // of the current record, as its LOCUS line says
};

}  // namespace

std::vector<Record> read_genbank(const std::filesystem::path& path) {
  return parse_genbank(read_text_file(path), path.string());
}

std::vector<Record> parse_genbank(std::string_view text, const std::string& file) {
  return Parser(text, file).parse();
}

}  // namespace stroma
