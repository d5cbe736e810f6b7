// Settings are read as double; what trains computes with them in float32.
#pragma once

#include <cmath>
#include <limits>

namespace stroma {

/// Whether float32 holds `value`: it neither becomes 0 there, nor loses digits as a number too near
/// to 0, nor becomes infinite.
inline bool fits_float32(double value) {
  using Limits = std::numeric_limits<float>;
  return value == 0 || (std::abs(value) >= Limits::min() && std::abs(value) <= Limits::max());
}

inline constexpr const char* float32_range =
    "0 or between 1.2e-38 and 3.4e38, as the 32-bit numbers are that training computes with";

}  // namespace stroma
