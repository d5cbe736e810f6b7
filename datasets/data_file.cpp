#include "datasets/data_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "datasets/file_kind.h"
#include "datasets/text_file.h"
#include "kernels/error.h"

namespace stroma {

#include "datasets/file_formats.inc"

namespace {

/// The format of which a text is; none where it is of none, or must be CSV.
std::optional<FileFormat> format_of(std::string_view text) {
  const std::vector<FileFormat> formats = all_file_formats();
  for (std::string_view rest = text;;) {
    rest.remove_prefix(std::min(rest.find_first_not_of(" \t\r\n"), rest.size()));
    for (const FileFormat& format : formats) {
      if (format.begins && format.begins(rest)) return format;
    }
    if (!rest.starts_with('#')) break;
    rest.remove_prefix(std::min(rest.find('\n'), rest.size()));
  }
  if (foreign_kind(text)) return {};
  for (const FileFormat& format : formats) {
    if (format.follows_heading && format.follows_heading(text)) return format;
  }
  return {};
}

void refuse_foreign(std::string_view text, const std::string& name) {
  if (const auto kind = foreign_kind(text)) throw Error(name + ": " + *kind);
}

DataFile parse_data_file(std::string_view text, const std::string& name,
                         const FileOptions& options) {
  const std::optional<FileFormat> format = format_of(text);
  if (!options.annotation.empty() && !(format && format->takes_annotation)) {
    throw OptionWithoutEffect("--annotation is for the genes of a FASTA file; " + name +
                              " is none");
  }
  if (format) return format->read(text, name, options);
  refuse_foreign(text, name);
  return csv_format().read(text, name, options);
}

/// For text that nothing can be cut out of: it need not be a CSV either.
[[noreturn]] void fail_without_genes(const std::string& name, const std::string& what) {
  throw Error(
      fmt::format("{}: {} says nothing of genes; give a GenBank, EMBL or GFF3 file, or beside "
                  "a FASTA file its GFF3 file with --annotation",
                  name, what));
}

}  // namespace

DataFile read_data_file(const std::filesystem::path& path, const FileOptions& options) {
  return parse_data_file(read_text_file(path), name_of(path), options);
}

std::vector<Record> read_genome(const std::filesystem::path& path,
                                const std::filesystem::path& annotation) {
  const std::string name = name_of(path);
  const std::string text = read_text_file(path);
  if (annotation.empty() && !format_of(text)) {
    refuse_foreign(text, name);
    if (text.find_first_not_of(" \t\r\n") == std::string::npos) {
      throw Error(name + ": the file is empty; a GenBank, EMBL or GFF3 file is expected");
    }
    fail_without_genes(name, "a CSV");
  }
  DataFile file =
      parse_data_file(text, name, {.annotation = annotation, .labels = Labels::optional});
  if (file.kind == DataKind::sequences) fail_without_genes(file.name, file.what);
  return std::move(file.records);
}

std::vector<Sequence> whole_records(DataFile file) {
  for (Record& record : file.records) {
    file.sequences.push_back({.id = std::move(record.id),
                              .letters = std::move(record.letters),
                              .line = record.line,
                              .file = file.name});
  }
  return std::move(file.sequences);
}

}  // namespace stroma
