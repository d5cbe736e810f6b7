// The CPU's matrix product: oneDNN for float; plain loops for double, which only tests use. oneDNN
// shares a product among threads in a way of its own, and then rounds in a way of its own. So it
// never gets more than one thread: what is large is cut here, by its shape.
#include "kernels/gemm.h"

#include <dnnl.h>
#include <omp.h>

#include <bit>
#include <string>

#include "kernels/cpu/product.h"
#include "kernels/error.h"
#include "kernels/parallel.h"

namespace stroma::kernels {
namespace {

/// While it lives, the calling thread's libraries start no other threads.
class OneThread {
 public:
  OneThread() : before_(omp_get_max_threads()) { omp_set_num_threads(1); }
  ~OneThread() { omp_set_num_threads(before_); }
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;

 private:
  int before_;
};

// A piece has many multiply-adds, some 40 µs, for what packing its operands costs to be little.
constexpr int64_t piece_products = 1 << 22;
constexpr int64_t most_pieces = 64;
constexpr int64_t least_rows = 64, least_columns = 128;
// Cuts lie between the blocks of oneDNN's inner products.
constexpr int64_t row_unit = 24, column_unit = 16;

/// Where part `i` of `parts` of an extent begins.
int64_t part_begin(int64_t extent, int64_t parts, int64_t unit, int64_t i) {
  return i == parts ? extent : (extent * i / parts + unit / 2) / unit * unit;
}

/// A power of two of at most `wanted` parts of at least `least` each.
int64_t parts_of(int64_t extent, int64_t least, int64_t wanted) {
  return std::min(wanted, static_cast<int64_t>(std::bit_floor(
                              static_cast<uint64_t>(std::max<int64_t>(1, extent / least)))));
}

}  // namespace

template <>
void product(const Gemm<float>& g) {
  g.check();
  if (g.m == 0 || g.n == 0) return;
  const OneThread one_thread;
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
void product(const Gemm<double>& g) {
  g.check();
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

// Columns are cut first: rows share the packed columns of B.
template <class T>
void gemm(const Cpu&, const Gemm<T>& g) {
  const int64_t wanted = std::clamp<int64_t>(g.m * g.n * g.k / piece_products, 1, most_pieces);
  const int64_t column_parts = parts_of(g.n, least_columns, wanted);
  const int64_t row_parts = parts_of(g.m, least_rows, wanted / column_parts);
  in_pieces(row_parts * column_parts, [&](int64_t piece) {
    const int64_t i = piece / column_parts, j = piece % column_parts;
    const int64_t row = part_begin(g.m, row_parts, row_unit, i);
    const int64_t column = part_begin(g.n, column_parts, column_unit, j);
    Gemm<T> part = g;
    part.m = part_begin(g.m, row_parts, row_unit, i + 1) - row;
    part.n = part_begin(g.n, column_parts, column_unit, j + 1) - column;
    part.a += g.transpose_a ? row : row * g.lda;
    part.b += g.transpose_b ? column * g.ldb : column;
    part.c += row * g.ldc + column;
    product(part);
  });
}

template void gemm<float>(const Cpu&, const Gemm<float>&);
template void gemm<double>(const Cpu&, const Gemm<double>&);

}  // namespace stroma::kernels
