#include "datasets/extract.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>

#include "datasets/alphabet.h"
#include "datasets/distinct_names.h"
#include "datasets/feature_notes.h"
#include "datasets/flat_file.h"
#include "kernels/error.h"

namespace stroma {
namespace {

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

/// The bases before a feature that starts with `first`.
std::optional<std::string> upstream(const Record& record, const Span& first, int64_t length) {
  if (!first.complement) return stretch(record, first.begin - length, length);
  const auto bases = stretch(record, first.end, length);
  return bases ? std::optional(reverse_complement(*bases)) : std::nullopt;
}

/// How many bases there are before a feature that starts with `first`.
int64_t room_before(const Record& record, const Span& first) {
  const auto size = static_cast<int64_t>(record.letters.size());
  if (record.circular) return size;
  return first.complement ? size - first.end : first.begin;
}

bool has_feature(std::span<const Record> genome, std::string_view key) {
  return std::any_of(genome.begin(), genome.end(), [&](const Record& record) {
    return std::any_of(record.features.begin(), record.features.end(),
                       [&](const Feature& feature) { return feature.key == key; });
  });
}

/// The key as the genome writes it, where it is `key` but for case; "" where there is none.
std::string key_in_any_case(std::span<const Record> genome, std::string_view key) {
  for (const Record& record : genome) {
    for (const Feature& feature : record.features) {
      if (same_word(feature.key, key)) return feature.key;
    }
  }
  return "";
}

/// The key of the features that `feature` means in this genome, which has some. Takes note where
/// "auto" means others than genes.
std::string chosen_key(std::span<const Record> genome, const std::string& feature,
                       std::vector<std::string>& notes) {
  if (feature != "auto") {
    if (has_feature(genome, feature)) return feature;
    if (std::string key = key_in_any_case(genome, feature); !key.empty()) return key;
    fail_without_feature(genome, feature + " feature", "name another one with --feature");
  }
  if (has_feature(genome, "gene")) return "gene";
  if (!has_feature(genome, "CDS")) {
    fail_without_feature(genome, "gene or CDS feature", "name the ones to use with --feature");
  }
  notes.push_back(
      fmt::format("{}: holds no gene feature; what lies upstream of its CDS features is taken.",
                  genome.front().file));
  return "CDS";
}

void check_bases(std::span<const Record> genome) {
  for (const Record& record : genome) {
    if (!record.protein) continue;
    throw Error(fmt::format(
        "{}:{}: '{}' is a protein, which nothing lies upstream of; give the nucleotide record that "
        "it comes from",
        record.file, record.line, record.id));
  }
}

/// The features that are too near the end.
struct TooNear {
  int64_t count = 0;
  int64_t most = 0;  // bases that there are before one of them
  FirstLeftOut first;

  std::string reason(int64_t length, int64_t features) const {
    std::string text =
        fmt::format("with fewer than {} bases before {}{}", length,
                    count == 1 ? "its start" : "their starts", first.clause(count, features));
    if (most > 0) {
      text += fmt::format(
          " (there are {}{}, which extract takes as --length, train and augment windows as "
          "--upstream-length)",
          count == 1 ? "" : "at most ", most);
    }
    return text;
  }
};

}  // namespace

std::vector<std::string> describe_left_out(const Extraction& extraction) {
  std::vector<std::string> sentences = extraction.notes;
  const auto add = [&](int64_t count, const char* why_one, const char* why_several) {
    if (count == 1) sentences.push_back(fmt::format("Left out 1 feature {}.", why_one));
    if (count > 1) sentences.push_back(fmt::format("Left out {} features {}.", count, why_several));
  };
  if (extraction.translated > 0) {
    sentences.push_back(
        fmt::format("Translated {} CDS without a /translation.", extraction.translated));
  }
  add(extraction.too_near, "too near the end of its linear record",
      "too near the end of their linear record");
  add(extraction.elsewhere, "that starts in another record", "that start in another record");
  add(extraction.pseudo, "of a pseudogene", "of pseudogenes");
  add(extraction.unnamed, "without a name", "without a name");
  add(extraction.too_short, "under the wanted length", "under the wanted length");
  add(extraction.repeated, "that repeats an earlier one", "that repeat an earlier one");
  return sentences;
}

void append(Extraction& extraction, Extraction other) {
  std::move(other.sequences.begin(), other.sequences.end(),
            std::back_inserter(extraction.sequences));
  std::move(other.notes.begin(), other.notes.end(), std::back_inserter(extraction.notes));
  for (int64_t Extraction::*const count :
       {&Extraction::translated, &Extraction::too_near, &Extraction::elsewhere,
        &Extraction::unreadable, &Extraction::pseudo, &Extraction::unnamed, &Extraction::too_short,
        &Extraction::repeated}) {
    extraction.*count += other.*count;
  }
}

Extraction extract_upstream(std::span<const Record> genome, const UpstreamOptions& options) {
  if (options.length < 1) throw Error("the upstream length must be at least 1");
  check_bases(genome);
  Extraction result;
  const std::string key = chosen_key(genome, options.feature, result.notes);
  UnreadableFeatures unreadable(options.strict);
  int64_t features = 0;
  TooNear too_near;
  DistinctNames names('.');
  std::set<std::string> seen;  // whichever is to be unique
  for (const Record& record : genome) {
    for (const Feature& feature : record.features) {
      if (feature.key != key) continue;
      ++features;
      const std::string name = feature_name(record, feature);
      const auto first = unreadable.attempt(
          record, feature, [&] { return location_of(record, feature).spans.front(); });
      if (!first) continue;
      if (name.empty() || !first->remote.empty()) {
        ++(name.empty() ? result.unnamed : result.elsewhere);
        continue;
      }
      auto bases = upstream(record, *first, options.length);
      if (!bases) {
        if (too_near.count++ == 0) too_near.first = {name, feature.line};
        too_near.most = std::max(too_near.most, room_before(record, *first));
        continue;
      }
      const bool by_sequence = options.unique == Unique::sequence;
      if (options.unique != Unique::none && !seen.insert(by_sequence ? *bases : name).second) {
        ++result.repeated;
        continue;
      }
      result.sequences.push_back({.id = by_sequence ? names.take(name) : name,
                                  .letters = std::move(*bases),
                                  .line = feature.line,
                                  .file = record.file,
                                  .record = record.id});
    }
  }
  if (result.sequences.empty()) {
    fail_with_none(
        genome, features, key + " feature",
        {{too_near.count, too_near.reason(options.length, features), too_near.first.line},
         {result.unnamed, "without a name (/gene, /locus_tag)"},
         {result.elsewhere, "that starts in another record"},
         {unreadable.count(), unreadable.reason(features), unreadable.first_line()}});
  }
  result.too_near = too_near.count;
  result.unreadable = unreadable.count();
  unreadable.move_to(result.notes);
  return result;
}

}  // namespace stroma
