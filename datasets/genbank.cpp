#include "datasets/genbank.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "datasets/feature_table.h"
#include "datasets/file_format.h"
#include "datasets/flat_file.h"
#include "datasets/genbank_locus.h"
#include "datasets/line_reader.h"
#include "datasets/text_file.h"
#include "kernels/error.h"

namespace stroma {
namespace {

constexpr std::array<std::string_view, 24> keywords = {
    "LOCUS",   "DEFINITION", "ACCESSION",  "VERSION", "NID",    "PROJECT",
    "DBLINK",  "DBSOURCE",   "KEYWORDS",   "SEGMENT", "SOURCE", "REFERENCE",
    "COMMENT", "PRIMARY",    "FEATURES",   "BASE",    "ORIGIN", "CONTIG",
    "WGS",     "WGS_SCAFLD", "WGS_CONTIG", "TSA",     "TLS",    "TRANSCRIPTOME"};

/// The line that points from a master record to its contigs.
bool is_master_keyword(std::string_view word) {
  return word.starts_with("WGS") || word == "TSA" || word == "TLS";
}

bool starts_section(std::string_view line) {
  return line.starts_with("//") ||
         std::find(keywords.begin(), keywords.end(), take_word(line)) != keywords.end();
}

bool is_blank(std::string_view line) { return trimmed(line).empty(); }

bool is_top(std::string_view line) { return !line.empty() && blanks.find(line[0]) == blanks.npos; }

bool starts_record(std::string_view line) { return same_word(take_word(line), "LOCUS"); }

bool is_release_header(std::string_view line) {
  return line.find("Genetic Sequence Data Bank") != line.npos;
}

/// Reads one record after the other; the current line is the next that is not yet read.
class Parser {
 public:
  Parser(std::string_view text, const std::string& file) : lines_(text, file) {
    if (text.empty()) throw Error(fmt::format("{}: the file is empty", file));
    next();
  }

  std::vector<Record> parse() {
    std::vector<Record> records;
    while (skip_blank_lines()) {
      if (!starts_record(lines_.line())) skip_header(records.empty());
      records.push_back(parse_record());
    }
    if (records.empty()) throw Error(fmt::format("{}: the file holds no record", lines_.file()));
    set_ids(records);
    return records;
  }

 private:
  [[noreturn]] void fail(std::string_view problem) const {
    throw Error(fmt::format("{}: {}", lines_.where(), problem));
  }

  void next() { has_line_ = lines_.next(); }

  bool skip_blank_lines() {
    while (has_line_ && is_blank(lines_.line())) next();
    return has_line_;
  }

  /// What stands before the first record, as in the files of a GenBank release.
  void skip_header(bool first) {
    const std::string where = lines_.where();
    const bool release = is_release_header(lines_.line());
    while ((first || release) && has_line_ && !starts_record(lines_.line())) next();
    if (has_line_ && starts_record(lines_.line())) return;
    throw Error(where + (first ? ": not a GenBank file (no line starts with 'LOCUS')"
                               : ": a line between records; 'LOCUS' expected after '//'"));
  }

  Record parse_record() {
    Record record;
    record.file = lines_.file();
    record.line = lines_.number();
    locus_ = parse_locus(lines_.line(), lines_.where());
    record.name = locus_.name;
    record.circular = locus_.circular;
    record.protein = locus_.protein;
    without_sequence_ = "";
    next();
    while (has_line_ && !lines_.line().starts_with("//")) parse_section(record);
    if (!has_line_) fail_cut_short(record);
    check_length(record);
    next();
    return record;
  }

  void parse_section(Record& record) {
    std::string_view rest = lines_.line();
    const std::string_view keyword = take_word(rest);
    if (!is_top(lines_.line())) {
      if (same_word(keyword, "ORGANISM") && record.organism.empty()) {
        record.organism = trimmed(rest);
      }
      next();
    } else if (same_word(keyword, "FEATURES")) {
      next();
      parse_features(record);
    } else if (same_word(keyword, "ORIGIN")) {
      next();
      parse_origin(record);
    } else if (same_word(keyword, "DEFINITION")) {
      record.definition = parse_paragraph(rest);
    } else {
      if (same_word(keyword, "LOCUS")) fail_cut_short(record);
      if (same_word(keyword, "ACCESSION")) record.accession = take_word(rest);
      if (same_word(keyword, "VERSION")) record.version = take_word(rest);
      if (keyword == "CONTIG" || is_master_keyword(keyword)) without_sequence_ = keyword;
      next();
    }
  }

  [[noreturn]] void fail_cut_short(const Record& record) const {
    fail(
        fmt::format("the record '{}' of line {} ends without '//'; the file is cut short, "
                    "download it again",
                    record.name, record.line));
  }

  /// The text of this line and of the indented ones after it.
  std::string parse_paragraph(std::string_view first) {
    std::string text(trimmed(first));
    for (next(); has_line_ && !is_top(lines_.line()); next()) {
      const std::string_view more = trimmed(lines_.line());
      if (!more.empty()) text.append(" ").append(more);
    }
    return text;
  }

  void parse_features(Record& record) {
    FeatureTable table;
    for (; has_line_; next()) {
      const std::string_view line = lines_.line();
      if (is_top(line) && (starts_section(line) || !table.in_quotes())) break;
      table.add(line, lines_.number());
    }
    for (Feature& feature : table.finish()) record.features.push_back(std::move(feature));
  }

  /// Lines may begin with a number, in any column: from 99,999,961 on it reaches the first one.
  void parse_origin(Record& record) {
    constexpr int64_t most = int64_t{1} << 40;  // a LOCUS line may say anything
    const auto rest = static_cast<int64_t>(lines_.rest().size());
    record.letters.reserve(
        static_cast<size_t>(std::min(locus_.length.value_or(0), std::min(rest, most)) + 128));
    for (; has_line_; next()) {
      if (is_top(lines_.line()) && starts_section(lines_.line())) break;
      append_sequence_line(lines_, record.protein, record.letters);
    }
  }

  void check_length(Record& record) {
    if (record.letters.empty()) fail(no_sequence(record));
    const auto length = static_cast<int64_t>(record.letters.size());
    if (locus_.run_together) {
      split_name(locus_, length, fmt::format("{}:{}", record.file, record.line));
      record.name = locus_.name;
    }
    if (locus_.length.value_or(length) != length) {
      const char* const unit = record.protein ? "aa" : "bp";
      fail(
          fmt::format("the record '{}' holds {} {} where its LOCUS line says {}; the file is "
                      "damaged, download it again",
                      record.name, length, unit, *locus_.length));
    }
  }

  std::string no_sequence(const Record& record) const {
    if (locus_.master || is_master_keyword(without_sequence_)) {
      return fmt::format(
          "the record '{}' is a master record of a WGS, TSA or TLS project: it names contigs and "
          "holds no sequence itself; download its contigs",
          record.name);
    }
    return fmt::format(
        "the record '{}' holds no sequence{}; download it in full (NCBI: 'GenBank (full)', "
        "gbwithparts)",
        record.name,
        without_sequence_.empty() ? " (ORIGIN)"
                                  : ", only a CONTIG line that points to other records");
  }

  LineReader lines_;
  bool has_line_ = false;
  // Of the current record:
  Locus locus_;
  std::string_view without_sequence_;  // the keyword of a line that stands in place of a sequence
};

/// "LOCUS       X 60 bp"; never a line of a CSV that can be read.
bool is_locus_line(std::string_view line) {
  if (!is_top(line) || !same_word(take_word(line), "LOCUS")) return false;
  const bool apart = line.starts_with("  ") || line.starts_with('\t');
  line = trimmed(line);
  return apart && !line.empty() && line.front() != ',' && line.front() != '\r';
}

/// Whether a record follows a heading, as in the files of a release.
bool holds_locus_line(std::string_view text) {
  constexpr std::size_t looked_at = 1 << 16;
  text = text.substr(0, looked_at);
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    if (is_locus_line(line)) return true;
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
  return false;
}

}  // namespace

std::vector<Record> read_genbank(const std::filesystem::path& path) {
  return parse_genbank(read_text_file(path), path.string());
}

std::vector<Record> parse_genbank(std::string_view text, const std::string& file) {
  return Parser(text, file).parse();
}

FileFormat genbank_format() {
  return {.begins = [](std::string_view text) { return text.starts_with("LOCUS"); },
          .follows_heading = holds_locus_line,
          .read = [](std::string_view text, const std::string& name,
                     const FileOptions&) { return with_records(name, parse_genbank(text, name)); }};
}

}  // namespace stroma
