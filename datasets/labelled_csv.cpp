#include "datasets/labelled_csv.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "datasets/csv_fields.h"
#include "datasets/file_format.h"
#include "datasets/line_reader.h"
#include "datasets/name_check.h"
#include "datasets/text_file.h"
#include "engine/text.h"
#include "kernels/error.h"

namespace stroma {
namespace {

bool is_control(char c) { return (c >= 0 && c < ' ' && c != '\t') || c == 0x7f; }

bool is_letter(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '*' || c == '-' || c == '.';
}

bool is_sequence(std::string_view field) {
  return !field.empty() && std::all_of(field.begin(), field.end(), is_letter);
}

// What to do about a line without a comma; the first one may be of a file of another format.
std::string hint_of_no_comma(std::string_view line, bool is_first) {
  if (is_sequence(trimmed(line))) return "; write its label behind it, after a comma";
  if (line.find('\t') != std::string_view::npos) return "; put a comma for the tab";
  if (line.find(';') != std::string_view::npos) return "; put a comma for the semicolon";
  return is_first ? "; if this is to be FASTA, it must begin with '>', GenBank with 'LOCUS'" : "";
}

std::string in_upper_case(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

/// Reads a text line by line; see parse_labelled_csv.
class Parser {
 public:
  Parser(std::string_view text, const std::string& name, Labels labels)
      : lines_(text, name),
        labels_(labels),
        file_(std::filesystem::path(name).filename().string()) {}

  LabelledSequences parse() {
    bool has_header = false;
    while (lines_.next()) {
      if (trimmed(lines_.line()).empty()) continue;
      std::vector<std::string> fields = fields_of_line();
      if (result_.sequences.empty() && !has_header && is_header(fields)) {
        has_header = true;
      } else {
        add(std::move(fields));
      }
    }
    if (result_.sequences.empty()) {
      throw Error(
          fmt::format("{}: the file {}; GenBank, EMBL, GFF3, FASTA or lines {} are expected",
                      lines_.file(), has_header ? "holds a header alone" : "is empty", form()));
    }
    return std::move(result_);
  }

 private:
  [[noreturn]] void fail(std::string_view problem) const {
    throw Error(fmt::format("{}: {}", lines_.where(), problem));
  }

  const char* form() const {
    return labels_ == Labels::required ? "`SEQUENCE, LABEL`" : "`SEQUENCE, LABEL` or `SEQUENCE`";
  }

  std::vector<std::string> fields_of_line() const {
    const std::string_view line = lines_.line();
    const std::string_view first = line.substr(0, line.find(','));
    if (std::any_of(first.begin(), first.end(), is_control) || !is_utf8(first)) {
      fail(fmt::format("this is not text; GenBank, FASTA or lines {} are expected", form()));
    }
    std::vector<std::string> fields = csv_fields(line, ',', lines_.where());
    const bool unlabelled =
        labels_ == Labels::optional && fields.size() == 1 && is_sequence(fields[0]);
    if (fields.size() != 2 && !unlabelled) {
      const bool no_comma = fields.size() == 1;
      fail(fmt::format("two fields `SEQUENCE, LABEL` are expected, but there {} {}{}",
                       no_comma ? "is" : "are", fields.size(),
                       no_comma ? hint_of_no_comma(line, result_.sequences.empty())
                                : "; put a label that holds commas in quotes, and leave out other "
                                  "columns"));
    }
    return fields;
  }

  /// `sequence,label` in any case; a first field SEQ may also be a peptide.
  bool is_header(const std::vector<std::string>& fields) const {
    const std::string first = in_upper_case(fields[0]);
    const std::string second = fields.size() == 2 ? in_upper_case(fields[1]) : "";
    if ((first == "LABEL" || first == "CLASS") && (second == "SEQUENCE" || second == "SEQ")) {
      fail("this header names the sequence second; put it first, the label second");
    }
    return first == "SEQUENCE" || (first == "SEQ" && (second == "LABEL" || second == "CLASS"));
  }

  void add(std::vector<std::string> fields) {
    if (fields[0].empty()) fail("the sequence is empty");
    const auto wrong = std::find_if_not(fields[0].begin(), fields[0].end(), is_letter);
    if (wrong != fields[0].end()) {
      fail(fmt::format("a sequence must consist of letters, but the first field has {}",
                       describe_byte(*wrong)));
    }
    add_label(fields.size() == 2 ? std::move(fields[1]) : "");
    result_.sequences.push_back({.id = fmt::format("{}:{}", file_, lines_.number()),
                                 .letters = in_upper_case(std::move(fields[0])),
                                 .file = lines_.file()});
  }

  void add_label(std::string label) {
    if (label.empty() && labels_ == Labels::required) fail("the label is empty");
    if (result_.sequences.empty()) {
      first_line_ = lines_.number();
    } else if (label.empty() != result_.labels.empty()) {
      fail(fmt::format("{}; give a label on each line or on none",
                       label.empty() ? fmt::format("no label, but line {} has one", first_line_)
                                     : fmt::format("a label, but line {} has none", first_line_)));
    }
    if (label.empty()) return;
    check_name("the label", label, lines_.file(), lines_.number());
    result_.labels.push_back(std::move(label));
  }

  LineReader lines_;
  Labels labels_;
  std::string file_;
  int64_t first_line_ = 0;  // with an example
  LabelledSequences result_;
};

}  // namespace

LabelledSequences parse_labelled_csv(std::string_view text, const std::string& name,
                                     Labels labels) {
  return Parser(text, name, labels).parse();
}

LabelledSequences read_labelled_csv(const std::filesystem::path& path) {
  return parse_labelled_csv(read_text_file(path), name_of(path));
}

FileFormat csv_format() {
  return {.read = [](std::string_view text, const std::string& name, const FileOptions& options) {
    LabelledSequences labelled = parse_labelled_csv(text, name, options.labels);
    DataFile file = with_sequences(name, "a CSV", std::move(labelled.sequences));
    file.labels = std::move(labelled.labels);
    file.nameless = true;
    return file;
  }};
}

void write_labelled_csv_line(std::ostream& out, std::string_view sequence, std::string_view label) {
  out << sequence << ", " << csv_field(label) << '\n';
}

}  // namespace stroma
