// The matrix products around the recurrence and of the first dense layer.
#include "kernels/gemm.h"

#include <fmt/format.h>

#include "bench/gpu/case.h"
#include "bench/gpu/dna_model.h"

namespace stroma::bench {
namespace {

/// C [m, n] = op(A) · op(B) + beta · C.
Case product(const std::string& name, bool transpose_a, bool transpose_b, int64_t m, int64_t n,
             int64_t k, float beta) {
  Case c("gemm_" + name, fmt::format("{} x {} x {}", m, n, k));
  const auto a = c.input(m * k), b = c.input(k * n);
  const auto result = beta == 0 ? c.output<float>(m * n) : c.updated(m * n);
  c.flops(2 * m * n * k);
  c.terms(k);
  c.run([=](const auto& context, const auto& at) {
    kernels::gemm(context, kernels::Gemm<float>{.transpose_a = transpose_a,
                                                .transpose_b = transpose_b,
                                                .m = m,
                                                .n = n,
                                                .k = k,
                                                .a = at(a),
                                                .lda = transpose_a ? m : k,
                                                .b = at(b),
                                                .ldb = transpose_b ? k : n,
                                                .beta = beta,
                                                .c = at(result),
                                                .ldc = n});
  });
  return c;
}

std::vector<Case> cases(int64_t batch) {
  const int64_t rows = dna_model::positions * batch;
  const int64_t gates = 4 * dna_model::hidden, width = 2 * dna_model::hidden;
  return {product("gates_layer1", false, true, rows, gates, dna_model::conv2_channels, 0),
          product("gates_layer2", false, true, rows, gates, width, 0),
          product("weight_grad_hh", true, false, gates, dna_model::hidden, rows - batch, 1),
          product("weight_grad_ih", true, false, gates, width, rows, 1),
          product("input_grad", false, false, rows, width, gates, 0),
          product("fc1", false, true, batch, dna_model::fc1_features, width, 1)};
}

const Operation operation(cases);

}  // namespace
}  // namespace stroma::bench
