#include "datasets/extract.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <optional>
#include <set>

#include "datasets/alphabet.h"
#include "kernels/error.h"

namespace stroma {
namespace {

std::string name_of(const Feature& feature) {
  for (const char* key : {"gene", "locus_tag", "protein_id"}) {
    const std::string* found = feature.find(key);
    if (!found || found->empty()) continue;
    std::string name = *found;
    // An id ends at white space, in FASTA.
    std::replace_if(
        name.begin(), name.end(), [](unsigned char c) { return std::isspace(c) != 0; }, '-');
    return name;
  }
  return "";
}

/// `name`, or the first of name.2, name.3, … that is free; taken from then on.
std::string free_name(const std::string& name, std::set<std::string>& taken) {
  std::string candidate = name;
  for (int64_t i = 2; !taken.insert(candidate).second; ++i) {
    candidate = fmt::format("{}.{}", name, i);
  }
  return candidate;
}

/// The `length` bases from `begin`, which may lie before the first base or reach past the last; on
/// a linear record these are none.
std::optional<std::string> stretch(const Record& record, int64_t begin, int64_t length) {
  const auto size = static_cast<int64_t>(record.letters.size());
  if (begin >= 0 && begin <= size - length) {
    return record.letters.substr(static_cast<size_t>(begin), static_cast<size_t>(length));
  }
  if (!record.circular || length > size) return std::nullopt;
  std::string bases;
  for (int64_t i = 0; i < length; ++i) {
    bases += record.letters[static_cast<size_t>((begin + i + size) % size)];
  }
  return bases;
}

std::optional<std::string> upstream(const Record& record, const Span& first, int64_t length) {
  if (!first.complement) return stretch(record, first.begin - length, length);
  const auto bases = stretch(record, first.end, length);
  return bases ? std::optional(reverse_complement(*bases)) : std::nullopt;
}

void check_features(const Record& record) {
  if (record.features.empty()) {
    throw Error(fmt::format(
        "{}:{}: the record '{}' has no features; give an annotated record or a FASTA file",
        record.file, record.line, record.name));
  }
}

/// For messages about all records.
std::string file_of(std::span<const Record> records) {
  return records.empty() ? "no record given" : records.front().file;
}

}  // namespace

std::vector<std::string> describe_left_out(const Extraction& extraction) {
  std::vector<std::string> sentences;
  const auto add = [&](int64_t count, const char* why_one, const char* why_several) {
    if (count == 1) sentences.push_back(fmt::format("Left out 1 feature {}.", why_one));
    if (count > 1) sentences.push_back(fmt::format("Left out {} features {}.", count, why_several));
  };
  add(extraction.too_near, "too near the end of its linear record",
      "too near the end of their linear record");
  add(extraction.elsewhere, "that starts in another record", "that start in another record");
  add(extraction.unnamed, "without a name", "without a name");
  add(extraction.too_short, "under the wanted length", "under the wanted length");
  add(extraction.repeated, "that repeats an earlier one", "that repeat an earlier one");
  return sentences;
}

Extraction extract_upstream(std::span<const Record> records, int64_t length, Unique unique) {
  if (length < 1) throw Error("the upstream length must be at least 1");
  Extraction result;
  int64_t genes = 0;
  std::set<std::string> names;
  std::set<std::string> seen;
  for (const Record& record : records) {
    check_features(record);
    for (const Feature& feature : record.features) {
      if (feature.key != "gene") continue;
      ++genes;
      const std::string name = name_of(feature);
      const Span first = location_of(record, feature).spans.front();
      if (name.empty() || !first.remote.empty()) {
        ++(name.empty() ? result.unnamed : result.elsewhere);
        continue;
      }
      auto bases = upstream(record, first, length);
      if (!bases) {
        ++result.too_near;
        continue;
      }
      if ((unique == Unique::sequence && !seen.insert(*bases).second) ||
          (unique == Unique::name && !names.insert(name).second)) {
        ++result.repeated;
        continue;
      }
      result.sequences.push_back({.id = unique == Unique::sequence ? free_name(name, names) : name,
                                  .letters = std::move(*bases),
                                  .line = feature.line});
    }
  }
  if (genes == 0) throw Error(fmt::format("{}: holds no gene feature", file_of(records)));
  if (result.sequences.empty()) {
    throw Error(fmt::format("{}: none of {} genes has a name and {} bases before it in its record",
                            file_of(records), genes, length));
  }
  return result;
}

Extraction extract_proteins(std::span<const Record> records, int64_t min_length) {
  Extraction result;
  int64_t proteins = 0;
  std::set<std::string> names;
  for (const Record& record : records) {
    check_features(record);
    for (const Feature& feature : record.features) {
      if (feature.key != "CDS") continue;
      const std::string* translation = feature.find("translation");
      if (!translation || translation->empty()) continue;
      ++proteins;
      if (static_cast<int64_t>(translation->size()) < min_length) {
        ++result.too_short;
        continue;
      }
      const std::string name = name_of(feature);
      if (name.empty()) {
        ++result.unnamed;
      } else if (names.insert(name).second) {
        std::string letters = *translation;
        for (char& letter : letters) {
          letter = static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
        }
        result.sequences.push_back(
            {.id = name, .letters = std::move(letters), .line = feature.line});
      } else {
        ++result.repeated;
      }
    }
  }
  if (proteins == 0) {
    throw Error(fmt::format("{}: holds no CDS with a /translation", file_of(records)));
  }
  if (result.sequences.empty()) {
    throw Error(fmt::format("{}: none of {} proteins has a name and {} amino acids or more",
                            file_of(records), proteins, min_length));
  }
  return result;
}

}  // namespace stroma
