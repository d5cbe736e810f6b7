#include "datasets/flat_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "datasets/distinct_names.h"
#include "datasets/name_check.h"
#include "kernels/error.h"

namespace stroma {
namespace {

constexpr std::string_view digits = "0123456789";
constexpr char no_letter = '\0';

/// For each byte its letter, a space for a blank, no_letter for what is no part of a sequence.
std::array<char, 256> make_letters(bool protein) {
  std::array<char, 256> table;
  table.fill(no_letter);
  for (char upper = 'A'; upper <= 'Z'; ++upper) {
    table[static_cast<unsigned char>(upper)] = upper;
    table[static_cast<unsigned char>(upper + 'a' - 'A')] = upper;
  }
  for (const char gap : {'-', '.', '*'}) table[static_cast<unsigned char>(gap)] = gap;
  for (const char blank : blanks) table[static_cast<unsigned char>(blank)] = ' ';
  if (!protein) table['u'] = table['U'] = 'T';
  return table;
}

std::string_view without_numbers(std::string_view line) {
  line = trimmed(line);
  line.remove_prefix(std::min(line.find_first_not_of(digits), line.size()));
  // A number behind the letters stands apart from them.
  const size_t end = line.find_last_not_of(digits) + 1;
  const bool apart = end < line.size() && end > 0 && blanks.find(line[end - 1]) != line.npos;
  return apart ? line.substr(0, end) : line;
}

}  // namespace

std::string_view take_word(std::string_view& text) {
  text = trimmed(text);
  const std::string_view word = text.substr(0, text.find_first_of(blanks));
  text.remove_prefix(word.size());
  return word;
}

std::string without_blanks(std::string_view text) {
  std::string result(text);
  std::erase_if(result, [](char c) { return blanks.find(c) != blanks.npos; });
  return result;
}

int64_t whole_number_of(std::string_view text) {
  int64_t number = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = result.ec == std::errc() && result.ptr == text.data() + text.size();
  return whole && text[0] != '-' ? number : -1;
}

void append_sequence_line(const LineReader& lines, bool protein, std::string& letters) {
  static const std::array<char, 256> bases = make_letters(false), residues = make_letters(true);
  const std::array<char, 256>& table = protein ? residues : bases;
  const std::string_view line = without_numbers(lines.line());
  const size_t begin = letters.size();
  letters.resize(begin + line.size());
  char* out = letters.data() + begin;
  bool readable = true;
  for (const char c : line) {  // without a branch: a genome has hundreds of millions of letters
    const char letter = table[static_cast<unsigned char>(c)];
    *out = letter;
    out += letter != ' ';
    readable &= letter != no_letter;
  }
  letters.resize(static_cast<size_t>(out - letters.data()));
  if (!readable) {
    const auto wrong = std::find_if(line.begin(), line.end(), [&](char c) {
      return table[static_cast<unsigned char>(c)] == no_letter;
    });
    throw Error(fmt::format("{}: {} in the sequence", lines.where(), describe_byte(*wrong)));
  }
}

void set_ids(std::vector<Record>& records) {
  DistinctNames names('#');
  for (Record& record : records) {
    for (const std::string* source : {&record.version, &record.name, &record.accession}) {
      if (record.id.empty() && *source != ".") record.id = *source;
    }
    if (record.id.empty()) record.id = "unnamed";
    check_name("the record's id", record.id, record.file, record.line);
    record.id = names.take(record.id);
  }
}

}  // namespace stroma
