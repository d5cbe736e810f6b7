// The factors of matrix products in the context's precision (docs/precision.md).
#pragma once

#include "kernels/context.h"
#include "kernels/cuda/cuda.h"

namespace stroma::kernels {

/// x as it is multiplied: itself, or the nearest number of 11 (TF32) or 8 (bfloat16) significant
/// bits. Of two as near it is the larger one in TF32 and the even one in bfloat16, as the chip's
/// conversions have it (PTX ISA, "cvt").
template <Precision precision>
__device__ __forceinline__ float round_factor(float x) {
  if constexpr (precision == Precision::bf16) return __bfloat162float(__float2bfloat16_rn(x));
  if constexpr (precision == Precision::tf32) {
#if STROMA_EMULATED
    const unsigned bits = __float_as_uint(x);
    const bool nan = (bits & 0x7fffffff) > 0x7f800000;
    return nan ? x : __uint_as_float((bits + 0x1000) & 0xffffe000);
#else
    unsigned bits = 0;
    asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(bits) : "f"(x));
    return __uint_as_float(bits);
#endif
  }
  return x;
}

/// Calls f<precision>().
template <class F>
void with_precision(Precision precision, F&& f) {
  switch (precision) {
    case Precision::fp32:
      return f.template operator()<Precision::fp32>();
    case Precision::tf32:
      return f.template operator()<Precision::tf32>();
    case Precision::bf16:
      return f.template operator()<Precision::bf16>();
  }
}

}  // namespace stroma::kernels
