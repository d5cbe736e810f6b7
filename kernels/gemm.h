// General matrix product, row-major: C = alpha · op(A) · op(B) + beta · C.
#pragma once

#include <cstdint>

#include "kernels/check.h"
#include "kernels/context.h"

namespace stroma::kernels {

template <class T>
struct Gemm {
  bool transpose_a = false;  // op(A) = Aᵀ: A is stored [k, m]
  bool transpose_b = false;  // op(B) = Bᵀ: B is stored [n, k]
  int64_t m = 0, n = 0, k = 0;
  T alpha = 1;
  const T* a = nullptr;  // op(A): [m, k], rows `lda` apart
  int64_t lda = 0;
  const T* b = nullptr;  // op(B): [k, n], rows `ldb` apart
  int64_t ldb = 0;
  T beta = 0;
  T* c = nullptr;  // [m, n], rows `ldc` apart; must not overlap A or B
  int64_t ldc = 0;

  void check() const {
    STROMA_ASSERT(m >= 0 && n >= 0 && k >= 0, "no extent is negative");
    STROMA_ASSERT(lda >= (transpose_a ? m : k) && ldb >= (transpose_b ? k : n) && ldc >= n,
                  "rows do not overlap");
    if (m == 0 || n == 0 || k == 0) return;
    const int64_t a_rows = transpose_a ? k : m, b_rows = transpose_b ? n : k;
    const int64_t c_count = (m - 1) * ldc + n;
    STROMA_ASSERT(apart(c, c_count, a, (a_rows - 1) * lda + (transpose_a ? m : k)) &&
                      apart(c, c_count, b, (b_rows - 1) * ldb + (transpose_b ? k : n)),
                  "the result does not overlap a factor");
  }
};

/// Inside an OpenMP parallel region it runs on the calling thread alone.
template <class T>
void gemm(const Cpu&, const Gemm<T>&);
void gemm(const Cuda&, const Gemm<float>&);

}  // namespace stroma::kernels
