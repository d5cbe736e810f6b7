// The CPU's matrix product: oneDNN for float; plain loops for double, which only tests use.
#include "kernels/gemm.h"

#include <dnnl.h>

#include <string>

#include "kernels/error.h"

namespace stroma::kernels {

template <>
void gemm(const Cpu&, const Gemm<float>& g) {
  if (g.m == 0 || g.n == 0) return;
  const dnnl_status_t status =
      dnnl_sgemm(g.transpose_a ? 'T' : 'N', g.transpose_b ? 'T' : 'N', g.m, g.n, g.k, g.alpha, g.a,
                 g.lda, g.b, g.ldb, g.beta, g.c, g.ldc);
  if (status != dnnl_success) {
    throw Error("oneDNN refused a matrix product of " + std::to_string(g.m) + " x " +
                std::to_string(g.k) + " by " + std::to_string(g.k) + " x " + std::to_string(g.n) +
                " (status " + std::to_string(status) + ")");
  }
}

template <>
void gemm(const Cpu&, const Gemm<double>& g) {
  for (int64_t i = 0; i < g.m; ++i) {
    double* row = g.c + i * g.ldc;
    for (int64_t j = 0; j < g.n; ++j) row[j] = g.beta == 0 ? 0 : g.beta * row[j];
    for (int64_t l = 0; l < g.k; ++l) {
      const double a = g.alpha * (g.transpose_a ? g.a[l * g.lda + i] : g.a[i * g.lda + l]);
      if (g.transpose_b) {
        for (int64_t j = 0; j < g.n; ++j) row[j] += a * g.b[j * g.ldb + l];
      } else {
        for (int64_t j = 0; j < g.n; ++j) row[j] += a * g.b[l * g.ldb + j];
      }
    }
  }
}

}  // namespace stroma::kernels
