#include "datasets/data_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "datasets/embl.h"
#include "datasets/fasta.h"
#include "datasets/file_kind.h"
#include "datasets/flat_file.h"
#include "datasets/genbank.h"
#include "datasets/gff3.h"
#include "datasets/gff3_lines.h"
#include "datasets/text_file.h"
#include "kernels/error.h"

namespace stroma {
namespace {

enum class Format { genbank, embl, gff3, fasta, csv };

/// Nine fields, the fourth and fifth of which are numbers: GFF3 also without its first line.
bool is_gff3_line(std::string_view line) {
  std::vector<std::string_view> fields;
  for (std::size_t end = 0; end != std::string_view::npos;) {
    end = line.find('\t');
    fields.push_back(line.substr(0, end));
    line.remove_prefix(std::min(end, line.size() - 1) + 1);
  }
  const auto is_number = [](std::string_view field) {
    return !field.empty() && field.find_first_not_of("0123456789") == std::string_view::npos;
  };
  return fields.size() == 9 && is_number(fields[3]) && is_number(fields[4]);
}

/// "LOCUS       X 60 bp"; never a line of a CSV that can be read.
bool is_locus_line(std::string_view line) {
  const bool at_front = !line.empty() && blanks.find(line.front()) == std::string_view::npos;
  if (!at_front || !same_word(take_word(line), "LOCUS")) return false;
  const bool apart = line.starts_with("  ") || line.starts_with('\t');
  line = trimmed(line);
  return apart && !line.empty() && line.front() != ',' && line.front() != '\r';
}

/// Whether a record of GenBank follows a heading, as in the files of a release.
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

/// The format of which a file's first line is, or GenBank behind a heading; what is of no other
/// must be CSV.
Format format_of(std::string_view text) {
  while (true) {  // also past comments, with which GFF3 may begin
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    text.remove_prefix(std::min(first, text.size()));
    if (!text.starts_with('#') || text.starts_with("##gff-version")) break;
    text.remove_prefix(std::min(text.find('\n'), text.size()));
  }
  if (text.starts_with("LOCUS")) return Format::genbank;
  if (text.starts_with("ID   ")) return Format::embl;
  if (text.starts_with("##gff-version")) return Format::gff3;
  if (text.starts_with('>') || text.starts_with(';')) return Format::fasta;
  if (is_gff3_line(text.substr(0, text.find('\n')))) return Format::gff3;
  return holds_locus_line(text) && !foreign_kind(text) ? Format::genbank : Format::csv;
}

/// Annotated records, or proteins.
DataFile with_records(const std::string& name, std::vector<Record> records) {
  const auto is_protein = [](const Record& record) { return record.protein; };
  const bool proteins = std::all_of(records.begin(), records.end(), is_protein);
  if (!proteins && std::any_of(records.begin(), records.end(), is_protein)) {
    throw Error(name + ": holds records of proteins beside records of bases; divide the file");
  }
  DataFile file{.name = name, .kind = proteins ? DataKind::proteins : DataKind::genome};
  file.records = std::move(records);
  return file;
}

DataFile with_sequences(const std::string& name, DataKind kind, std::vector<Sequence> sequences) {
  DataFile file{.name = name, .kind = kind};
  file.sequences = std::move(sequences);
  for (Sequence& sequence : file.sequences) sequence.file = name;
  return file;
}

}  // namespace

std::string describe(DataKind kind) {
  switch (kind) {
    case DataKind::genome:
      return "an annotated genome";
    case DataKind::proteins:
      return "a file of protein records";
    case DataKind::fasta:
      return "a FASTA file";
    case DataKind::csv:
      return "a CSV";
  }
  return "";
}

namespace {

DataFile parse_data_file(const std::string& text, const std::string& name,
                         const std::filesystem::path& annotation, Labels labels) {
  const Format format = format_of(text);
  if (!annotation.empty() && format != Format::fasta) {
    throw OptionWithoutEffect("--annotation is for the genes of a FASTA file; " + name +
                              " is none");
  }
  switch (format) {
    case Format::genbank:
      return with_records(name, parse_genbank(text, name));
    case Format::embl:
      return with_records(name, parse_embl(text, name));
    case Format::gff3:
      if (text.find("##FASTA") == std::string::npos) {
        read_gff3_lines(text, name);  // GTF, for one, is no use beside a FASTA file either
        throw Error(name +
                    ": says where features lie and holds no sequences; name the FASTA file that "
                    "does, and this one after --annotation");
      }
      return with_records(name, parse_gff3(text, name));
    case Format::fasta: {
      std::vector<Sequence> sequences = parse_fasta(text, name);
      if (annotation.empty()) return with_sequences(name, DataKind::fasta, std::move(sequences));
      return with_records(
          name, parse_gff3(read_text_file(annotation), name_of(annotation), std::move(sequences)));
    }
    case Format::csv:
      break;
  }
  LabelledSequences labelled = parse_labelled_csv(text, name, labels);
  DataFile file = with_sequences(name, DataKind::csv, std::move(labelled.sequences));
  file.labels = std::move(labelled.labels);
  return file;
}

/// For text that nothing can be cut out of: it need not be a CSV either.
[[noreturn]] void fail_without_genes(const std::string& name, DataKind kind) {
  throw Error(
      fmt::format("{}: {} says nothing of genes; give a GenBank, EMBL or GFF3 file, or beside "
                  "a FASTA file its GFF3 file with --annotation",
                  name, describe(kind)));
}

}  // namespace

DataFile read_data_file(const std::filesystem::path& path, const std::filesystem::path& annotation,
                        Labels labels) {
  return parse_data_file(read_text_file(path), name_of(path), annotation, labels);
}

std::vector<Record> read_genome(const std::filesystem::path& path,
                                const std::filesystem::path& annotation) {
  const std::string name = name_of(path);
  const std::string text = read_text_file(path);
  if (annotation.empty() && format_of(text) == Format::csv) {
    if (const auto kind = foreign_kind(text)) throw Error(name + ": " + *kind);
    if (text.find_first_not_of(" \t\r\n") == std::string::npos) {
      throw Error(name + ": the file is empty; a GenBank, EMBL or GFF3 file is expected");
    }
    fail_without_genes(name, DataKind::csv);
  }
  DataFile file = parse_data_file(text, name, annotation, Labels::optional);
  if (file.kind == DataKind::genome || file.kind == DataKind::proteins) {
    return std::move(file.records);
  }
  fail_without_genes(file.name, file.kind);
}

std::vector<Sequence> whole_records(DataFile file) {
  for (Record& record : file.records) {
    file.sequences.push_back({.id = std::move(record.id),
                              .letters = std::move(record.letters),
                              .line = record.line,
                              .file = file.name});
  }
  for (std::size_t i = 0; i < file.labels.size(); ++i) {
    if (!file.labels[i].empty()) file.sequences[i].id = std::move(file.labels[i]);
  }
  return std::move(file.sequences);
}

}  // namespace stroma
