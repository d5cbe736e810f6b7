#include "datasets/fasta.h"

#include <fmt/format.h>

#include <algorithm>

#include "datasets/file_format.h"
#include "datasets/gff3.h"
#include "datasets/line_reader.h"
#include "datasets/name_check.h"
#include "datasets/text_file.h"
#include "engine/text.h"
#include "kernels/error.h"

namespace stroma {
namespace {

std::string id_of(std::string_view header, const LineReader& lines) {
  header.remove_prefix(1);
  const std::string_view id = header.substr(0, header.find_first_of(blanks));
  if (id.empty()) {
    throw Error(fmt::format("{}: the record has no id; write one right after '>'", lines.where()));
  }
  check_name("the id", id, lines.file(), lines.number());
  return std::string(id);
}

// Not std::isalpha and std::toupper: a whole genome is a hundred million calls of each.
bool is_letter(char c) {
  const char lower = static_cast<char>(c | 0x20);
  return (lower >= 'a' && lower <= 'z') || c == '-' || c == '.' || c == '*';
}

void append_letters(std::string_view line, const LineReader& lines, std::string& letters) {
  line = line.substr(0, line.find_last_not_of(blanks) + 1);
  bool all_letters = true;
  for (const char c : line) all_letters &= is_letter(c);  // to the end: so it vectorises
  if (!all_letters) {
    const auto wrong = std::find_if_not(line.begin(), line.end(), is_letter);
    throw Error(fmt::format(
        "{}: {} in a sequence; FASTA holds letters only, after a header that starts with '>'",
        lines.where(), describe_byte(*wrong)));
  }
  const std::size_t begin = letters.size();
  letters.append(line);
  for (std::size_t i = begin; i < letters.size(); ++i) {
    if (letters[i] >= 'a' && letters[i] <= 'z') letters[i] = static_cast<char>(letters[i] - 32);
  }
}

void check_has_letters(const Sequence& sequence, const std::string& file) {
  if (sequence.letters.empty()) {
    throw Error(
        fmt::format("{}:{}: record '{}' has no sequence; write it below this line, or remove the "
                    "record",
                    file, sequence.line, sequence.id));
  }
}

DataFile read_sequences(std::string_view text, const std::string& name,
                        const FileOptions& options) {
  std::vector<Sequence> sequences = parse_fasta(text, name);
  const std::filesystem::path& annotation = options.annotation;
  if (annotation.empty()) return with_sequences(name, "a FASTA file", std::move(sequences));
  return with_records(
      name, parse_gff3(read_text_file(annotation), name_of(annotation), std::move(sequences)));
}

}  // namespace

std::vector<Sequence> read_fasta(const std::filesystem::path& path) {
  return parse_fasta(read_text_file(path), name_of(path));
}

std::vector<Sequence> parse_fasta(std::string_view text, const std::string& file) {
  if (text.empty()) throw Error(fmt::format("{}: the file is empty", file));
  std::vector<Sequence> sequences;
  LineReader lines(text, file);
  while (lines.next()) {
    const std::string_view line = lines.line();
    if (line.starts_with('>')) {
      if (!sequences.empty()) check_has_letters(sequences.back(), file);
      sequences.push_back({id_of(line, lines), {}, lines.number(), file});
      // A chromosome that grows line by line is copied over and over.
      const std::string_view rest = lines.rest();
      sequences.back().letters.reserve(std::min(rest.find('>'), rest.size()));
    } else if (!line.starts_with(';') && line.find_first_not_of(blanks) != std::string_view::npos) {
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

FileFormat fasta_format() {
  return {.begins =
              [](std::string_view text) { return text.starts_with('>') || text.starts_with(';'); },
          .read = read_sequences,
          .takes_annotation = true};
}

}  // namespace stroma
