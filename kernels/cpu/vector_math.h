// exp, tanh, sigmoid and others without branches or calls, so that a loop over them vectorises.
// Errors over all floats, in units in the last place of the result
// (tests/kernels/vector_math_test.cpp): fast_exp 1.1, fast_expm1 5, fast_tanh 1.5,
// fast_sigmoid 2.5, fast_log1p 3. Limits, NaN and denormal results are as in <cmath>. For double,
// which only tests use, they are the functions of <cmath>.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

namespace stroma::kernels::vector_math {

/// eˣ = 2ⁿ eʳ with n = round(x / ln 2) and |r| ≤ ln 2 / 2; the polynomial for eʳ and the two-part
/// ln 2 are those of Cephes' expf (Moshier 1989).
inline float fast_exp(float x) {
  x = x < -104.0f ? -104.0f : x;          // e^-104 rounds to 0
  x = x > 89.0f ? 89.0f : x;              // e^89 overflows; NaN passes both
  constexpr float shifter = 12582912.0f;  // 1.5 · 2²³: adding it leaves the integer in the low bits
  const float shifted = x * 1.44269504088896341f + shifter;
  const float n = shifted - shifter;
  const float r = (x - n * 0.693359375f) - n * -2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * (r * r) + r + 1.0f;
  // 2ⁿ in two factors: n = 128 and n < -126 have none of their own.
  const auto integer =
      static_cast<int32_t>(std::bit_cast<uint32_t>(shifted) - std::bit_cast<uint32_t>(shifter));
  const int32_t half = integer >> 1;
  const auto power = [](int32_t exponent) {
    return std::bit_cast<float>((static_cast<uint32_t>(exponent) + 127u) << 23);
  };
  const auto rest =
      static_cast<int32_t>(static_cast<uint32_t>(integer) - static_cast<uint32_t>(half));
  return p * power(half) * power(rest);
}

/// An odd polynomial (Cephes' tanhf) where |x| < 0.625, and 1 − 2 / (e^2|x| + 1) beyond.
inline float fast_tanh(float x) {
  const float magnitude = std::fabs(x);
  const float large = 1.0f - 2.0f / (fast_exp(2.0f * magnitude) + 1.0f);
  const float z = x * x;
  float p = -5.70498872745e-3f;
  p = p * z + 2.06390887954e-2f;
  p = p * z - 5.37397155531e-2f;
  p = p * z + 1.33314422036e-1f;
  p = p * z - 3.33332819422e-1f;
  const float small = p * z * x + x;
  return std::copysign(magnitude >= 0.625f ? large : small, x);  // NaN is `small`
}

/// 1 / (1 + e^-|x|) or, for negative x, e^-|x| / (1 + e^-|x|), which keeps its digits near 0.
inline float fast_sigmoid(float x) {
  const float e = fast_exp(-std::fabs(x));
  return (x < 0.0f ? e : 1.0f) / (1.0f + e);
}

/// eˣ − 1: fast_exp's polynomial without its 1 where that loses no digits, |x| < 0.34.
inline float fast_expm1(float x) {
  float p = 1.9875691500e-4f;
  p = p * x + 1.3981999507e-3f;
  p = p * x + 8.3334519073e-3f;
  p = p * x + 4.1665795894e-2f;
  p = p * x + 1.6666665459e-1f;
  p = p * x + 5.0000001201e-1f;
  const float small = p * (x * x) + x;
  const float large = fast_exp(x) - 1.0f;
  return std::fabs(x) < 0.34f ? small : large;  // NaN is `large`
}

/// ln(1 + z) for 0 ≤ z ≤ 1: 2 artanh(s) = 2 (s + s³/3 + s⁵/5 + …) with s = z / (2 + z) ≤ 1/3, of
/// which the first term left out is below 2⁻²⁸ of the sum.
inline float fast_log1p(float z) {
  const float s = z / (2.0f + z), square = s * s;
  float p = 1.0f / 15;
  p = p * square + 1.0f / 13;
  p = p * square + 1.0f / 11;
  p = p * square + 1.0f / 9;
  p = p * square + 1.0f / 7;
  p = p * square + 1.0f / 5;
  p = p * square + 1.0f / 3;
  return 2.0f * (s + s * square * p);
}

inline double fast_exp(double x) { return std::exp(x); }
inline double fast_expm1(double x) { return std::expm1(x); }
inline double fast_log1p(double z) { return std::log1p(z); }
inline double fast_tanh(double x) { return std::tanh(x); }
inline double fast_sigmoid(double x) {
  const double e = std::exp(-std::fabs(x));
  return (x < 0.0 ? e : 1.0) / (1.0 + e);
}

}  // namespace stroma::kernels::vector_math
