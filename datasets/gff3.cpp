#include "datasets/gff3.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "datasets/fasta.h"
#include "datasets/file_format.h"
#include "datasets/gff3_features.h"
#include "datasets/gff3_lines.h"
#include "datasets/name_check.h"
#include "kernels/error.h"

namespace stroma {
namespace {

std::vector<Sequence> fasta_section(const Gff3File& gff3, const std::string& file) {
  if (!gff3.fasta) {
    throw Error(
        fmt::format("{}: an annotation without its sequences; give the FASTA file that it "
                    "belongs to as well",
                    file));
  }
  // Empty lines in place of the annotation, for the line numbers of messages.
  return parse_fasta(std::string(static_cast<size_t>(gff3.fasta_line), '\n').append(*gff3.fasta),
                     file);
}

std::vector<Record> records_of(std::vector<Sequence> sequences, const std::string& file) {
  std::vector<Record> records;
  for (Sequence& sequence : sequences) {
    check_name("the sequence's id", sequence.id, sequence.file.empty() ? file : sequence.file,
               sequence.line);
    Record record;
    record.file = file;
    record.id = record.name = sequence.id;
    record.letters = std::move(sequence.letters);
    // As in flat files: both strands have one kind of letter.
    std::replace(record.letters.begin(), record.letters.end(), 'U', 'T');
    records.push_back(std::move(record));
  }
  return records;
}

class Places {
 public:
  Places(const std::vector<Record>& records, const std::string& file) : file_(file) {
    for (size_t i = 0; i < records.size(); ++i) {
      if (!places_.emplace(records[i].id, i).second) {
        throw Error(
            fmt::format("{}: two sequences are called '{}', so that it is not known which "
                        "one is meant; rename one",
                        file, records[i].id));
      }
    }
    first_ = records.empty() ? "" : records[0].id;
  }

  /// The record called `id`, or nullptr.
  Record* find(const std::string& id, std::vector<Record>& records) const {
    const auto place = places_.find(id);
    return place == places_.end() ? nullptr : &records[place->second];
  }

  [[noreturn]] void fail_unknown(const Gff3Line& line) const {
    throw Error(
        fmt::format("{}:{}: a feature of '{}', but no feature lies in one of the sequences given "
                    "(the first is '{}'); give the FASTA file that the annotation belongs to",
                    file_, line.number, line.sequence, first_));
  }

 private:
  const std::string& file_;
  std::unordered_map<std::string, size_t> places_;
  std::string first_;
};

void check_regions(const Gff3File& gff3, const Places& places, std::vector<Record>& records) {
  for (const Gff3Region& region : gff3.regions) {
    Record* const record = places.find(region.sequence, records);
    if (!record) continue;
    record->line = region.number;
    if (region.end > std::ssize(record->letters)) {
      throw Error(fmt::format(
          "{}:{}: the annotation says that '{}' has {} bases, its sequence has {}; give the FASTA "
          "file that the annotation belongs to",
          record->file, region.number, region.sequence, region.end, record->letters.size()));
    }
  }
}

/// Nine fields, the fourth and fifth of which are numbers: GFF3 also without its first line.
bool is_feature_line(std::string_view line) {
  if (line.starts_with('#')) return false;
  std::vector<std::string_view> fields;
  for (size_t end = 0; end != line.npos;) {
    end = line.find('\t');
    fields.push_back(line.substr(0, end));
    line.remove_prefix(std::min(end, line.size() - 1) + 1);
  }
  const auto is_number = [](std::string_view field) {
    return !field.empty() && field.find_first_not_of("0123456789") == field.npos;
  };
  return fields.size() == 9 && is_number(fields[3]) && is_number(fields[4]);
}

DataFile read_gff3(std::string_view text, const std::string& name, const FileOptions&) {
  if (text.find("##FASTA") == text.npos) {
    read_gff3_lines(text, name);  // GTF, for one, is no use beside a FASTA file either
    throw Error(name +
                ": says where features lie and holds no sequences; name the FASTA file that "
                "does, and this one after --annotation");
  }
  return with_records(name, parse_gff3(text, name));
}

}  // namespace

std::vector<Record> parse_gff3(std::string_view text, const std::string& file,
                               std::vector<Sequence> sequences) {
  Gff3File gff3 = read_gff3_lines(text, file);
  if (sequences.empty()) sequences = fasta_section(gff3, file);
  std::vector<Record> records = records_of(std::move(sequences), file);
  const Places places(records, file);
  check_regions(gff3, places, records);

  // Sequences that were not given are not asked for, but one at least must be.
  const auto known = [&](const Gff3Line& line) { return places.find(line.sequence, records); };
  if (!gff3.lines.empty() && std::none_of(gff3.lines.begin(), gff3.lines.end(), known)) {
    places.fail_unknown(gff3.lines.front());
  }
  std::erase_if(gff3.lines, [&](const Gff3Line& line) { return !known(line); });
  for (const Gff3Line& line : gff3.lines) {
    Record& record = *known(line);
    if (record.line == 0) record.line = line.number;
    if (line.value("Is_circular") == "true") record.circular = true;
  }
  for (Gff3Feature& made : gff3_features(gff3.lines, [&](const std::string& sequence) {
         const Record& record = *places.find(sequence, records);
         return Gff3Molecule{std::ssize(record.letters), record.circular};
       })) {
    places.find(made.sequence, records)->features.push_back(std::move(made.feature));
  }
  for (Record& record : records) record.line = std::max<int64_t>(record.line, 1);
  return records;
}

FileFormat gff3_format() {
  return {.begins =
              [](std::string_view text) {
                return text.starts_with("##gff-version") ||
                       is_feature_line(text.substr(0, text.find('\n')));
              },
          .read = read_gff3};
}

}  // namespace stroma
