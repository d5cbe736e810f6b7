// Matrix instructions: the lanes of a warp multiply small matrices that they hold together. Factors
// are rounded before (rounding.h); sums are fp32. Below, lane = 4 · group + quad.
#pragma once

#include "kernels/context.h"
#include "kernels/cuda/cuda.h"

namespace stroma::kernels {

#if STROMA_EMULATED

/// Both instructions, with `parts` factors in a register: PTX ISA, "Matrix Fragments for
/// mma.m16n8k8" and "mma.m16n8k16". Of a, registers 0 and 2 are of row `group`, 1 and 3 of row
/// group + 8; b is of column `group`; registers 0 and 1 of a and 0 of b lie in the first half of
/// the depth, where `quad` tells lanes apart.
template <int parts>
void emulated_mma(float (&sum)[4], const unsigned (&a)[4], const unsigned (&b)[2]) {
  struct Fragments {
    unsigned a[4], b[2];
  };
  const Fragments own{{a[0], a[1], a[2], a[3]}, {b[0], b[1]}};
  const auto factor = [](unsigned bits, int part) {
    if (parts == 1) bits &= 0xffffe000;  // the chip does not look at the rest
    if (parts == 2) bits = part == 0 ? bits << 16 : bits & 0xffff0000;
    return __uint_as_float(bits);
  };
  const int lane = static_cast<int>(threadIdx.x % 32), group = lane / 4, quad = lane % 4;
  for (int q = 0; q < 4; ++q) {
    const Fragments rows = __shfl_sync(0xffffffffu, own, 4 * group + q);
    const Fragments left = __shfl_sync(0xffffffffu, own, 4 * (2 * quad) + q);
    const Fragments right = __shfl_sync(0xffffffffu, own, 4 * (2 * quad + 1) + q);
    for (int half = 0; half < 2; ++half) {
      for (int part = 0; part < parts; ++part) {
        const float upper = factor(rows.a[2 * half], part);
        const float lower = factor(rows.a[2 * half + 1], part);
        sum[0] = fmaf(upper, factor(left.b[half], part), sum[0]);
        sum[1] = fmaf(upper, factor(right.b[half], part), sum[1]);
        sum[2] = fmaf(lower, factor(left.b[half], part), sum[2]);
        sum[3] = fmaf(lower, factor(right.b[half], part), sum[3]);
      }
    }
  }
}

#endif

/// sum += A · B, [16, 8] of TF32 factors, depth 8. a: A at (group, quad), (group + 8, quad),
/// (group, quad + 4), (group + 8, quad + 4). b: B at (quad, group), (quad + 4, group). sum: at
/// (group, 2 · quad), (group, 2 · quad + 1), (group + 8, 2 · quad), (group + 8, 2 · quad + 1).
__device__ __forceinline__ void mma_m16n8k8_tf32(float (&sum)[4], const unsigned (&a)[4],
                                                 const unsigned (&b)[2]) {
#if STROMA_EMULATED
  emulated_mma<1>(sum, a, b);
#else
  asm("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 "
      "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
      : "+f"(sum[0]), "+f"(sum[1]), "+f"(sum[2]), "+f"(sum[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#endif
}

/// The same of bfloat16 factors, depth 16, two neighbours in depth in a register, the first in its
/// lower half: 2 · quad in place of quad, 2 · quad + 8 in place of quad + 4.
__device__ __forceinline__ void mma_m16n8k16_bf16(float (&sum)[4], const unsigned (&a)[4],
                                                  const unsigned (&b)[2]) {
#if STROMA_EMULATED
  emulated_mma<2>(sum, a, b);
#else
  asm("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 "
      "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
      : "+f"(sum[0]), "+f"(sum[1]), "+f"(sum[2]), "+f"(sum[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#endif
}

/// A lane's part of a matrix [16, 16] of factors, as its registers hold it.
template <Precision precision>
struct Rows16 {
  unsigned part[precision == Precision::tf32 ? 2 : 1][4];
};

/// Two factors in one register. The lower halves of rounded ones are 0.
__device__ __forceinline__ unsigned bf16_pair(float first, float second) {
  return __float_as_uint(first) >> 16 | (__float_as_uint(second) & 0xffff0000);
}

/// From columns 4 · quad … 4 · quad + 3 of the rows `group` and group + 8.
///
/// An instruction adds over its depth, so that any order of the depth will do that both factors
/// share. This one lets a lane hold, and read at once, four neighbours in either precision.
template <Precision precision>
__device__ __forceinline__ Rows16<precision> pack_rows(const float4& upper, const float4& lower) {
  if constexpr (precision == Precision::tf32) {
    return {{{__float_as_uint(upper.x), __float_as_uint(lower.x), __float_as_uint(upper.y),
              __float_as_uint(lower.y)},
             {__float_as_uint(upper.z), __float_as_uint(lower.z), __float_as_uint(upper.w),
              __float_as_uint(lower.w)}}};
  } else {
    return {{{bf16_pair(upper.x, upper.y), bf16_pair(lower.x, lower.y), bf16_pair(upper.z, upper.w),
              bf16_pair(lower.z, lower.w)}}};
  }
}

/// sum += A · B, A [16, 16] and B [16, 8]. b: rows 4 · quad … 4 · quad + 3 of B's column `group`;
/// sum: as of the instructions.
template <Precision precision>
__device__ __forceinline__ void multiply_add(float (&sum)[4], const Rows16<precision>& a,
                                             const float4& b) {
  if constexpr (precision == Precision::tf32) {
    mma_m16n8k8_tf32(sum, a.part[0], {__float_as_uint(b.x), __float_as_uint(b.y)});
    mma_m16n8k8_tf32(sum, a.part[1], {__float_as_uint(b.z), __float_as_uint(b.w)});
  } else {
    mma_m16n8k16_bf16(sum, a.part[0], {bf16_pair(b.x, b.y), bf16_pair(b.z, b.w)});
  }
}

}  // namespace stroma::kernels
