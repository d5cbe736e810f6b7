#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <utility>

#include "datasets/extract.h"
#include "datasets/feature_notes.h"
#include "datasets/translate.h"

namespace stroma {
namespace {

/// The /translation in upper case without white space; "" where there is none.
std::string given_translation(const Feature& cds) {
  std::string letters;
  if (const std::string* given = cds.find("translation")) {
    for (const unsigned char c : *given) {
      if (!std::isspace(c)) letters += static_cast<char>(std::toupper(c));
    }
  }
  return letters;
}

bool is_pseudogene(const Feature& cds) { return cds.find("pseudo") || cds.find("pseudogene"); }

class ProteinExtractor {
 public:
  explicit ProteinExtractor(const ProteinOptions& options)
      : options_(options), unreadable_(options.strict) {}

  void add(const Record& record) {
    if (record.protein) {
      ++proteins_;
      keep(record, record.line, record.id, record.letters);
      return;
    }
    for (const Feature& feature : record.features) {
      if (feature.key == "CDS") add(record, feature);
    }
  }

  Extraction finish(std::span<const Record> genome) {
    if (proteins_ == 0) {
      fail_without_feature(genome, "CDS feature", "proteins are made of CDS features");
    }
    if (result_.sequences.empty()) {
      fail_with_none(
          genome, proteins_, "protein",
          {{result_.too_short,
            fmt::format("shorter than {} amino acids (the longest has {}: --min-length)",
                        options_.min_length, longest_)},
           {result_.unnamed, "without a name (/gene, /locus_tag)"},
           {result_.pseudo, "of a pseudogene"},
           {unreadable_.count(), unreadable_.reason(proteins_), unreadable_.first_line()}});
    }
    result_.unreadable = unreadable_.count();
    unreadable_.move_to(result_.notes);
    doubts_.move_to(result_.notes, "proteins may be others");
    return std::move(result_);
  }

 private:
  void add(const Record& record, const Feature& cds) {
    ++proteins_;
    const std::string name = feature_name(record, cds);
    if (name.empty() || names_.contains(name)) {
      ++(name.empty() ? result_.unnamed : result_.repeated);
      return;
    }
    std::string given = given_translation(cds);
    if (given.empty() && is_pseudogene(cds)) {
      ++result_.pseudo;
      return;
    }
    const bool made = given.empty();
    auto translation = unreadable_.attempt(record, cds, [&] {
      if (made) return translate_cds(record, cds);
      if (!cds.problem.empty()) location_of(record, cds);
      return CdsTranslation{.amino_acids = std::move(given), .doubt = ""};
    });
    if (!translation || !keep(record, cds.line, name, std::move(translation->amino_acids))) return;
    result_.translated += made;
    if (!translation->doubt.empty()) {
      doubts_.add(record, cds,
                  "is translated, but its protein may be another: " + translation->doubt);
    }
  }

  bool keep(const Record& record, int64_t line, const std::string& name, std::string letters) {
    if (std::ssize(letters) < options_.min_length) {
      longest_ = std::max(longest_, std::ssize(letters));
      ++result_.too_short;
      return false;
    }
    names_.insert(name);
    result_.sequences.push_back({.id = name,
                                 .letters = std::move(letters),
                                 .line = line,
                                 .file = record.file,
                                 .record = record.id});
    return true;
  }

  const ProteinOptions& options_;
  UnreadableFeatures unreadable_;
  FeatureNotes doubts_;
  Extraction result_;
  std::set<std::string> names_;
  int64_t proteins_ = 0;
  int64_t longest_ = 0;  // of those that are too short
};

}  // namespace

Extraction extract_proteins(std::span<const Record> genome, const ProteinOptions& options) {
  ProteinExtractor extractor(options);
  for (const Record& record : genome) extractor.add(record);
  return extractor.finish(genome);
}

}  // namespace stroma
