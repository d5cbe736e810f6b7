#include "layers/range.h"

#include <fmt/format.h>

#include <cmath>

namespace stroma {

std::string Range::text() const {
  std::string result = fmt::format("{} {}", with_low ? "at least" : "above", low);
  if (std::isfinite(high)) {
    result += fmt::format(" and {} {}", with_high ? "at most" : "below", high);
  }
  return result;
}

}  // namespace stroma
