// What holds for every record that a reader gives, whatever the bytes of its file.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "datasets/extract.h"
#include "datasets/record.h"
#include "kernels/error.h"

namespace stroma::fuzz {

inline void require(bool condition) {
  if (!condition) __builtin_trap();
}

inline void check_feature(const Record& record, const Feature& feature) {
  try {
    const Location location = location_of(record, feature);
    require(feature.problem.empty() && !location.spans.empty());
    for (const Span& span : location.spans) {
      require(0 <= span.begin && span.begin <= span.end);
      require(!span.remote.empty() || span.end <= static_cast<int64_t>(record.letters.size()));
    }
    if (!location.is_remote()) letters_at(location, record.letters);
  } catch (const Error&) {
  }
}

/// Records have letters and ids of their own, locations are inside them or an Error, and what is
/// read can be extracted from.
inline void check_records(const std::vector<Record>& records) {
  std::set<std::string> ids;
  for (const Record& record : records) {
    require(!record.letters.empty());
    require(!record.id.empty() && ids.insert(record.id).second);
    for (const Feature& feature : record.features) check_feature(record, feature);
  }
  for (const auto unique : {Unique::sequence, Unique::name, Unique::none}) {
    try {
      for (const auto& sequence :
           extract_upstream(records, {.length = 5, .unique = unique}).sequences) {
        require(sequence.letters.size() == 5);
      }
    } catch (const Error&) {
    }
  }
  try {
    extract_proteins(records, {.min_length = 2});
  } catch (const Error&) {
  }
}

}  // namespace stroma::fuzz
