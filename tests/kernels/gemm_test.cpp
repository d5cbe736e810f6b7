#include "kernels/gemm.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "tests/devices.h"

namespace stroma::kernels {
namespace {

struct Case {
  int64_t m, n, k;
  bool transpose_a, transpose_b;
};

/// |C − reference| stays under (k + 2) · ε · (|alpha| Σ |a||b| + |beta c|), the bound of any order
/// of summation.
template <class T, class Context>
void check(const Context& context, const Case& c) {
  std::mt19937 random(1);
  std::uniform_real_distribution<T> uniform(-1, 1);
  const int64_t lda = (c.transpose_a ? c.m : c.k) + 3;
  const int64_t ldb = (c.transpose_b ? c.k : c.n) + 1;
  const int64_t ldc = c.n + 2;
  std::vector<T> a((c.transpose_a ? c.k : c.m) * lda);
  std::vector<T> b((c.transpose_b ? c.n : c.k) * ldb);
  std::vector<T> out(c.m * ldc);
  for (auto* values : {&a, &b, &out}) {
    for (T& value : *values) value = uniform(random);
  }
  const std::vector<T> before = out;
  const T alpha = T(0.75), beta = T(-0.5);
  test::Array on_a(context, a), on_b(context, b), on_out(context, out);
  gemm(context, Gemm<T>{.transpose_a = c.transpose_a,
                        .transpose_b = c.transpose_b,
                        .m = c.m,
                        .n = c.n,
                        .k = c.k,
                        .alpha = alpha,
                        .a = on_a.data(),
                        .lda = lda,
                        .b = on_b.data(),
                        .ldb = ldb,
                        .beta = beta,
                        .c = on_out.data(),
                        .ldc = ldc});
  out = on_out.host();
  for (int64_t i = 0; i < c.m; ++i) {
    for (int64_t j = 0; j < ldc; ++j) {
      const int64_t at = i * ldc + j;
      if (j >= c.n) {
        ASSERT_EQ(out[at], before[at]) << "wrote beyond a row";
        continue;
      }
      double sum = 0, magnitude = 0;
      for (int64_t l = 0; l < c.k; ++l) {
        const double product = double(c.transpose_a ? a[l * lda + i] : a[i * lda + l]) *
                               double(c.transpose_b ? b[j * ldb + l] : b[l * ldb + j]);
        sum += product;
        magnitude += std::abs(product);
      }
      const double expected = alpha * sum + beta * double(before[at]);
      const double bound = (c.k + 2) * double(std::numeric_limits<T>::epsilon()) *
                           (alpha * magnitude + std::abs(beta * double(before[at])));
      ASSERT_NEAR(out[at], expected, bound) << i << ", " << j;
    }
  }
}

TEST(Gemm, MatchesTheSumForEveryShapeAndTransposition) {
  for (const int64_t m : {1, 3, 32, 127}) {
    for (const int64_t n : {1, 5, 64, 101}) {
      for (const int64_t k : {1, 7, 128}) {
        for (const bool transpose_a : {false, true}) {
          for (const bool transpose_b : {false, true}) {
            SCOPED_TRACE(testing::Message()
                         << m << " " << n << " " << k << " " << transpose_a << transpose_b);
            test::on_each_device([&]<class T>(const auto& context, T) {
              check<T>(context, {m, n, k, transpose_a, transpose_b});
            });
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace stroma::kernels
