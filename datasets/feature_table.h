// The feature table that GenBank and EMBL flat files share (https://www.insdc.org/submitting-
// standards/feature-table/): keys, locations as text, qualifiers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "datasets/record.h"

namespace stroma {

/// Takes the lines of one table, one by one, which must outlive it. What cannot be read in a
/// feature becomes its Feature::problem; the next feature is read again.
class FeatureTable {
 public:
  /// `column` is where `line` begins in its file: 2 for what follows the FT of EMBL.
  void add(std::string_view line, int64_t number, size_t column = 0);

  /// True within a qualifier's text whose quote has not closed: any line may follow.
  bool in_quotes() const { return in_quotes_; }

  /// The features of all lines.
  std::vector<Feature> finish();

 private:
  struct Line {
    std::string_view text;  // trimmed
    int64_t number;
  };

  bool starts_feature(std::string_view line, size_t column) const;
  void finish_feature();
  size_t read_qualifier(size_t line, Feature& feature) const;
  size_t read_quoted(size_t line, std::string_view text, Qualifier& qualifier,
                     std::string& problem) const;
  size_t next_qualifier(size_t line) const;

  std::vector<Line> lines_;  // of the current feature
  bool in_quotes_ = false;
  std::vector<Feature> features_;
};

}  // namespace stroma
