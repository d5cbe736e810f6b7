// The values that a number may take, of which messages and docs tell.
#pragma once

#include <limits>
#include <string>

namespace stroma {

struct Range {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool with_low = true, with_high = false;
  bool as_float32 = false;  // what it becomes in float32 must be in the range, too

  bool contains(double value) const {
    return (with_low ? value >= low : value > low) && (with_high ? value <= high : value < high);
  }
  /// "at least 0 and below 1".
  std::string text() const;
};

namespace ranges {

constexpr Range at_least(int least) { return {.low = static_cast<double>(least)}; }
inline constexpr Range at_least_zero{.low = 0, .as_float32 = true};
inline constexpr Range above_zero{.low = 0, .with_low = false, .as_float32 = true};
inline constexpr Range probability{.low = 0, .high = 1, .as_float32 = true};
inline constexpr Range share{.low = 0, .high = 1};  // 0: no such part
inline constexpr Range between_0_and_1{.low = 0, .high = 1, .with_low = false};

}  // namespace ranges
}  // namespace stroma
