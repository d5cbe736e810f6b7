#include "datasets/fasta.h"

#include <fmt/format.h>

#include <cctype>

#include "datasets/line_reader.h"
#include "datasets/text_file.h"
#include "kernels/error.h"

namespace stroma {
namespace {

constexpr std::string_view blank = " \t";

std::string id_of(std::string_view header, const LineReader& lines) {
  header.remove_prefix(1);
  const std::string_view id = header.substr(0, header.find_first_of(blank));
  if (id.empty()) {
    throw Error(fmt::format("{}: the record has no id; write one right after '>'", lines.where()));
  }
  return std::string(id);
}

void append_letters(std::string_view line, const LineReader& lines, std::string& letters) {
  line = line.substr(0, line.find_last_not_of(blank) + 1);
  for (const char letter : line) {
    const auto byte = static_cast<unsigned char>(letter);
    if (!std::isalpha(byte) && letter != '-' && letter != '.' && letter != '*') {
      throw Error(fmt::format(
          "{}: {} in a sequence; FASTA holds letters only, after a header that starts with '>'",
          lines.where(),
          std::isprint(byte) ? fmt::format("the character '{}'", letter)
                             : fmt::format("the byte 0x{:02X}", byte)));
    }
    letters.push_back(static_cast<char>(std::toupper(byte)));
  }
}

void check_has_letters(const Sequence& sequence, const std::string& file) {
  if (sequence.letters.empty()) {
    throw Error(
        fmt::format("{}:{}: record '{}' has no sequence", file, sequence.line, sequence.id));
  }
}

}  // namespace

std::vector<Sequence> read_fasta(const std::filesystem::path& path) {
  return parse_fasta(read_text_file(path), path.string());
}

std::vector<Sequence> parse_fasta(std::string_view text, const std::string& file) {
  if (text.empty()) throw Error(fmt::format("{}: the file is empty", file));
  std::vector<Sequence> sequences;
  LineReader lines(text, file);
  while (lines.next()) {
    const std::string_view line = lines.line();
    if (line.starts_with('>')) {
      if (!sequences.empty()) check_has_letters(sequences.back(), file);
      sequences.push_back({.id = id_of(line, lines), .letters = {}, .line = lines.number()});
    } else if (line.find_first_not_of(blank) != std::string_view::npos) {
      if (sequences.empty()) {
        throw Error(fmt::format("{}: not a FASTA file (its first line does not start with '>')",
                                lines.where()));
      }
      append_letters(line, lines, sequences.back().letters);
    }
  }
  if (sequences.empty()) throw Error(fmt::format("{}: the file holds no FASTA record", file));
  check_has_letters(sequences.back(), file);
  return sequences;
}

void write_fasta(std::ostream& out, std::span<const Sequence> sequences) {
  for (const Sequence& sequence : sequences) {
    out << '>' << sequence.id << '\n' << sequence.letters << '\n';
  }
}

}  // namespace stroma
