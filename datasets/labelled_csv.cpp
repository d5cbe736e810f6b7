#include "datasets/labelled_csv.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "datasets/text_file.h"
#include "kernels/error.h"

namespace stroma {
namespace {

constexpr std::string_view blanks = " \t";

std::string_view trim(std::string_view text) {
  const size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

bool is_control(char c) { return (c >= 0 && c < ' ' && c != '\t') || c == 0x7f; }

bool is_letter(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '*' || c == '-' || c == '.';
}

// Whether each byte with the high bit set belongs to a UTF-8 sequence: labels end up in JSON.
bool is_utf8(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const size_t size = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (size == 0 || lead > 0xf4 || i + size > text.size()) return false;
    uint32_t code = size == 1 ? lead : lead & (0x7f >> size);
    for (size_t k = 1; k < size; ++k) {
      const auto byte = static_cast<unsigned char>(text[i + k]);
      if ((byte & 0xc0) != 0x80) return false;
      code = code << 6 | (byte & 0x3f);
    }
    const bool surrogate = code >= 0xd800 && code < 0xe000;
    if (surrogate || code > 0x10ffff || (size == 3 && code < 0x800) ||
        (size == 4 && code < 0x10000)) {
      return false;
    }
    i += size;
  }
  return true;
}

// Takes a field in quotes off the front of `line`, which begins with the quote.
std::string take_quoted(std::string_view& line, const std::string& where) {
  std::string field;
  for (size_t i = 1; i < line.size(); ++i) {
    if (line[i] != '"') {
      field += line[i];
    } else if (i + 1 < line.size() && line[i + 1] == '"') {
      field += line[++i];
    } else {
      line.remove_prefix(i + 1);
      return field;
    }
  }
  throw Error(where + ": a quote is opened and not closed on this line");
}

std::vector<std::string> split_fields(std::string_view line, const std::string& where) {
  std::vector<std::string> fields;
  while (true) {
    line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
    const bool quoted = line.starts_with('"');
    std::string field = quoted ? take_quoted(line, where) : std::string();
    const std::string_view rest = line.substr(0, line.find(','));
    if (quoted && !trim(rest).empty()) throw Error(where + ": text follows a closing quote");
    fields.push_back(quoted ? std::move(field) : std::string(trim(rest)));
    if (rest.size() == line.size()) return fields;
    line.remove_prefix(rest.size() + 1);
  }
}

// What to do about a line without a comma; the first one may be of a file of another format.
std::string hint_of_no_comma(std::string_view line, bool is_first) {
  if (line.find('\t') != std::string_view::npos) return "; put a comma for the tab";
  if (line.find(';') != std::string_view::npos) return "; put a comma for the semicolon";
  return is_first ? "; if this is to be FASTA, it must begin with '>', GenBank with 'LOCUS'" : "";
}

void check_and_raise_letters(std::string& letters, const std::string& where) {
  for (char& c : letters) {
    if (!is_letter(c)) {
      throw Error(fmt::format(
          "{}: a sequence must consist of letters, but the first field has '{}'", where, c));
    }
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
}

}  // namespace

LabelledSequences parse_labelled_csv(std::string_view text, const std::string& name) {
  const std::string file = std::filesystem::path(name).filename().string();
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);  // a byte-order mark
  LabelledSequences result;
  for (int64_t number = 1; !text.empty(); ++number) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (trim(line).empty()) continue;

    const std::string where = fmt::format("{}:{}", name, number);
    if (std::any_of(line.begin(), line.end(), is_control) || !is_utf8(line)) {
      throw Error(where +
                  ": this is not text; GenBank, FASTA or lines `SEQUENCE, LABEL` are expected");
    }
    std::vector<std::string> fields = split_fields(line, where);
    if (fields.size() != 2) {
      const bool no_comma = fields.size() == 1;
      throw Error(fmt::format("{}: two fields `SEQUENCE, LABEL` are expected, but there {} {}{}",
                              where, no_comma ? "is" : "are", fields.size(),
                              no_comma ? hint_of_no_comma(line, result.sequences.empty()) : ""));
    }
    std::string& letters = fields[0];
    std::string& label = fields[1];
    if (letters.empty()) throw Error(where + ": the sequence is empty");
    if (label.empty()) throw Error(where + ": the label is empty");
    check_and_raise_letters(letters, where);
    if (result.sequences.empty() && letters == "SEQUENCE") {
      throw Error(where + ": this is a header; remove it, the first line must be an example");
    }
    result.sequences.push_back({fmt::format("{}:{}", file, number), std::move(letters)});
    result.labels.push_back(std::move(label));
  }
  if (result.sequences.empty()) {
    throw Error(name +
                ": the file is empty; GenBank, FASTA or lines `SEQUENCE, LABEL` are expected");
  }
  return result;
}

LabelledSequences read_labelled_csv(const std::filesystem::path& path) {
  return parse_labelled_csv(read_text_file(path), path.string());
}

void write_csv_field(std::ostream& out, std::string_view field) {
  const bool plain = field.find_first_of(",\"") == std::string_view::npos && field == trim(field);
  if (plain) {
    out << field;
  } else {
    out << '"';
    for (const char c : field) out << (c == '"' ? "\"\"" : std::string_view(&c, 1));
    out << '"';
  }
}

void write_labelled_csv_line(std::ostream& out, std::string_view sequence, std::string_view label) {
  out << sequence << ", ";
  write_csv_field(out, label);
  out << '\n';
}

}  // namespace stroma
