#include "datasets/gff3_lines.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "datasets/flat_file.h"
#include "datasets/line_reader.h"
#include "kernels/error.h"

namespace stroma {
namespace {

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == text.npos) return parts;
    text.remove_prefix(end + 1);
  }
}

/// "%2C" becomes ','. What is no such code stays.
std::string decoded(std::string_view text) {
  std::string result;
  for (size_t i = 0; i < text.size(); ++i) {
    unsigned char byte = 0;
    if (text[i] == '%' && i + 2 < text.size()) {
      const char* const end = text.data() + i + 3;
      if (std::from_chars(text.data() + i + 1, end, byte, 16).ptr == end) {
        result += static_cast<char>(byte);
        i += 2;
        continue;
      }
    }
    result += text[i];
  }
  return result;
}

[[noreturn]] void fail(const LineReader& lines, std::string_view problem) {
  throw Error(fmt::format("{}: {}", lines.where(), problem));
}

/// GTF and GFF2 write gene_id "x"; where GFF3 writes ID=x.
bool is_gtf(std::string_view attributes) {
  const size_t quote = attributes.find('"');
  return quote != attributes.npos && quote > 0 && attributes[quote - 1] == ' ' &&
         attributes.substr(0, quote).find('=') == attributes.npos;
}

void read_place(const std::vector<std::string_view>& columns, Gff3Line& line) {
  const int64_t first = whole_number_of(columns[3]), last = whole_number_of(columns[4]);
  const std::string_view strand = columns[6], phase = columns[7];
  if (first < 1 || last < first) {
    line.problem = fmt::format("'{}' to '{}' in line {} is no range of bases", columns[3],
                               columns[4], line.number);
  } else if (strand != "+" && strand != "-" && strand != "." && strand != "?") {
    line.problem =
        fmt::format("the strand '{}' in line {} is none of + - . ?", strand, line.number);
  } else if (phase != "." && phase != "0" && phase != "1" && phase != "2") {
    line.problem = fmt::format("the phase '{}' in line {} is none of 0 1 2 .", phase, line.number);
  } else {
    line.begin = first - 1;
    line.end = last;
    line.complement = strand == "-";
    if (phase != ".") line.phase = phase[0] - '0';
  }
}

Gff3Line read_feature(const LineReader& lines) {
  std::vector<std::string_view> columns = split(lines.line(), '\t');
  if (columns.size() < 8 || columns.size() > 9) {
    fail(lines,
         fmt::format("{} columns separated by tabs where a GFF3 feature has 9", columns.size()));
  }
  columns.resize(9);
  for (std::string_view& column : columns) column = trimmed(column);
  if (is_gtf(columns[8])) {
    fail(lines,
         "this is GTF or GFF2, not GFF3 (its attributes are not KEY=VALUE); convert it, for "
         "example with: gffread IN.gtf -o OUT.gff3");
  }
  Gff3Line line;
  line.number = lines.number();
  line.sequence = decoded(columns[0]);
  line.type = decoded(columns[2]);
  read_place(columns, line);
  line.attributes = columns[8];
  return line;
}

void read_directive(const LineReader& lines, Gff3File& file) {
  std::string_view rest = lines.line();
  const std::string_view name = take_word(rest);
  if (name == "##gff-version" && !trimmed(rest).starts_with('3')) {
    fail(lines, fmt::format("GFF version {}, where only 3 is read; convert it, for example with: "
                            "gffread IN -o OUT.gff3",
                            trimmed(rest)));
  }
  if (name == "##sequence-region") {
    Gff3Region region{.number = lines.number(), .sequence = decoded(take_word(rest))};
    take_word(rest);
    region.end = whole_number_of(take_word(rest));
    if (region.end < 0) fail(lines, "##sequence-region needs a sequence, a first and a last base");
    file.regions.push_back(std::move(region));
  }
}

}  // namespace

std::string_view Gff3Line::raw(std::string_view key) const {
  std::string_view rest = attributes;
  while (!rest.empty()) {
    const std::string_view attribute = rest.substr(0, rest.find(';'));
    rest.remove_prefix(std::min(attribute.size() + 1, rest.size()));
    const size_t equals = attribute.find('=');
    if (equals != attribute.npos && trimmed(attribute.substr(0, equals)) == key) {
      return trimmed(attribute.substr(equals + 1));
    }
  }
  return {};
}

std::string Gff3Line::value(std::string_view key) const { return decoded(raw(key)); }

std::vector<std::string> Gff3Line::parents() const {
  std::vector<std::string> names;
  for (const std::string_view parent : split(raw("Parent"), ',')) {
    if (!trimmed(parent).empty()) names.push_back(decoded(trimmed(parent)));
  }
  return names;
}

Gff3File read_gff3_lines(std::string_view text, const std::string& file) {
  if (text.empty()) throw Error(fmt::format("{}: the file is empty", file));
  Gff3File result;
  LineReader lines(text, file);
  while (lines.next()) {
    const std::string_view line = lines.line();
    const bool fasta = line.starts_with("##FASTA");
    if (fasta || line.starts_with('>')) {
      result.fasta_line = lines.number() - (fasta ? 0 : 1);
      const char* const begin = fasta ? lines.rest().data() : line.data();
      result.fasta = std::string_view(begin, static_cast<size_t>(text.end() - begin));
      break;
    }
    if (line.starts_with("##")) {
      read_directive(lines, result);
    } else if (!trimmed(line).empty() && !line.starts_with('#')) {
      result.lines.push_back(read_feature(lines));
    }
  }
  return result;
}

}  // namespace stroma
