#include "datasets/record.h"

#include <fmt/format.h>

#include <iterator>

#include "kernels/error.h"

namespace stroma {

const std::string* Feature::find(std::string_view qualifier) const {
  for (const Qualifier& candidate : qualifiers) {
    if (candidate.key == qualifier) return &candidate.value;
  }
  return nullptr;
}

Location location_of(const Record& record, const Feature& feature) {
  const std::string where = fmt::format("{}:{}", record.file, feature.line);
  if (!feature.problem.empty()) throw Error(fmt::format("{}: {}", where, feature.problem));
  return parse_location(
      feature.location,
      {.length = std::ssize(record.letters), .circular = record.circular, .where = where});
}

}  // namespace stroma
