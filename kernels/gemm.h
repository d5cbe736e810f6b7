// General matrix product, row-major: C = alpha · op(A) · op(B) + beta · C.
#pragma once

#include <cstdint>

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
};

/// Inside an OpenMP parallel region it runs on the calling thread alone.
template <class T>
void gemm(const Cpu&, const Gemm<T>&);
void gemm(const Cuda&, const Gemm<float>&);

}  // namespace stroma::kernels
