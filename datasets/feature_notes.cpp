#include "datasets/feature_notes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <iterator>

#include "datasets/name_check.h"

namespace stroma {
namespace {

constexpr int64_t most_told = 10;
constexpr int64_t few = 3;

bool is_blank(unsigned char c) { return std::isspace(c) != 0; }

}  // namespace

std::string feature_name(const Record& record, const Feature& feature) {
  for (const char* key : {"gene", "locus_tag", "protein_id", "product", "label"}) {
    const std::string* found = feature.find(key);
    if (!found) continue;
    const auto begin = std::find_if_not(found->begin(), found->end(), is_blank);
    const auto end = std::find_if_not(found->rbegin(), found->rend(), is_blank).base();
    if (begin >= end) continue;
    std::string name(begin, end);
    // An id ends at white space, in FASTA.
    std::replace_if(name.begin(), name.end(), is_blank, '-');
    check_name(fmt::format("the name /{}", key), name, record.file, feature.line);
    return name;
  }
  return "";
}

void fail_without_feature(std::span<const Record> genome, std::string_view wanted,
                          std::string_view remedy) {
  if (genome.empty()) throw Error("no record given");
  constexpr size_t enough = 8;
  std::vector<std::string> keys;
  for (const Record& record : genome) {
    for (const Feature& feature : record.features) {
      if (keys.size() < enough && std::find(keys.begin(), keys.end(), feature.key) == keys.end()) {
        keys.push_back(feature.key);
      }
    }
  }
  const Record& first = genome.front();
  if (keys.empty()) {
    throw Error(fmt::format(
        "{}:{}: the record '{}' has no features to cut sequences out by; give an annotated record, "
        "or beside a FASTA file its GFF3 file with --annotation",
        first.file, first.line, first.id));
  }
  throw Error(fmt::format("{}: holds no {}, but {}; {}", first.file, wanted, fmt::join(keys, ", "),
                          remedy));
}

std::string FirstLeftOut::clause(int64_t count, int64_t all) const {
  const std::string quoted = name.empty() ? "" : fmt::format(" '{}'", name);
  if (all == 1) return quoted.empty() ? "" : "," + quoted;
  return fmt::format(",{}{} in line {}", count > 1 ? " the first" : "", quoted, line);
}

void fail_with_none(std::span<const Record> genome, int64_t count, std::string_view what,
                    const std::vector<LeftOut>& left_out) {
  std::vector<std::string> reasons;
  std::string where = genome.front().file;
  for (const LeftOut& left : left_out) {
    if (left.count == 0) continue;
    if (count == 1 && left.line > 0) where += fmt::format(":{}", left.line);
    reasons.push_back(count == 1 ? left.reason : fmt::format("{} {}", left.count, left.reason));
  }
  throw Error(count == 1 ? fmt::format("{}: its only {} cannot be used, one {}", where, what,
                                       reasons.front())
                         : fmt::format("{}: none of its {} {}s can be used: {}", where, count, what,
                                       fmt::join(reasons, "; ")));
}

void FeatureNotes::add(const Record& record, const Feature& feature, const std::string& what) {
  file_ = record.file;
  if (++count_ > most_told) return;
  const std::string name = feature_name(record, feature);
  sentences_.push_back(fmt::format("{}:{}: the {}{} {}", record.file, feature.line, feature.key,
                                   name.empty() ? "" : fmt::format(" '{}'", name), what));
}

void FeatureNotes::move_to(std::vector<std::string>& notes, std::string_view what) {
  if (count_ > most_told) {
    sentences_.resize(few);
    sentences_.push_back(fmt::format("{}: {} more {}", file_, count_ - few, what));
  }
  for (std::string& sentence : sentences_) sentence += '.';
  std::move(sentences_.begin(), sentences_.end(), std::back_inserter(notes));
  sentences_.clear();
}

void UnreadableFeatures::add(const Record& record, const Feature& feature,
                             std::string_view problem) {
  const std::string where = fmt::format("{}:{}: ", record.file, feature.line);
  if (problem.starts_with(where)) problem.remove_prefix(where.size());
  if (count() == 0) {
    first_ = {feature_name(record, feature), feature.line};
    problem_ = problem;
  }
  notes_.add(record, feature, fmt::format("is left out: {}", problem));
}

void UnreadableFeatures::move_to(std::vector<std::string>& notes) {
  notes_.move_to(notes, "features cannot be read and are left out");
}

}  // namespace stroma
