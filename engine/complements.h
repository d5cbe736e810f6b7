// Which base pairs with which, codes for several included (N with N, R with Y, …).
#pragma once

#include <string_view>

namespace stroma {

/// complement_codes[i] is the base on the other strand of base_codes[i]; U reads as T.
inline constexpr std::string_view base_codes = "ACGTURYSWKMBDHVN";
inline constexpr std::string_view complement_codes = "TGCAAYRSWMKVHDBN";

}  // namespace stroma
