#include "bench/gpu/product.h"

#include <fmt/format.h>

#include "kernels/gemm.h"

namespace stroma::bench {

Case product_case(const std::string& name, const Product& p, Precision precision) {
  Case c(name, fmt::format("{} x {} x {}", p.m, p.n, p.k));
  c.precision(precision);
  const auto a = c.input(p.m * p.k), b = c.input(p.k * p.n);
  const auto result = p.beta == 0 ? c.output<float>(p.m * p.n) : c.updated(p.m * p.n);
  c.flops(2 * p.m * p.n * p.k);
  c.terms(p.k);
  c.run([=](const auto& context, const auto& at) {
    kernels::gemm(context, kernels::Gemm<float>{.transpose_a = p.transpose_a,
                                                .transpose_b = p.transpose_b,
                                                .m = p.m,
                                                .n = p.n,
                                                .k = p.k,
                                                .a = at(a),
                                                .lda = p.transpose_a ? p.m : p.k,
                                                .b = at(b),
                                                .ldb = p.transpose_b ? p.k : p.n,
                                                .beta = p.beta,
                                                .c = at(result),
                                                .ldc = p.n});
  });
  return c;
}

}  // namespace stroma::bench
