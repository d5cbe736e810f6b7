// Attention on the CPU: a piece is a head of a sequence. It copies its columns of Q, K and V, which
// lie far apart, and goes over the queries some at a time, so that their scores stay in the cache.
#include "kernels/multi_head_attention.h"

#include <algorithm>

#include "kernels/cpu/product.h"
#include "kernels/cpu/vector_math.h"
#include "kernels/memory.h"
#include "kernels/parallel.h"

namespace stroma::kernels {
namespace {

constexpr int64_t tile_rows = 64;  // queries at a time

/// Of a tensor [length, batch, columns]: rows of `width` columns of one sequence, by position.
template <class T>
struct Columns {
  T* first;        // position 0
  int64_t stride;  // from a position to the next
};

template <class T>
Columns<T> columns_of(T* tensor, int64_t batch, int64_t columns, int64_t n, int64_t first) {
  return {tensor + n * columns + first, batch * columns};
}

/// to [length, width] = the columns · factor.
template <class T>
void gather(const Columns<const T>& from, int64_t length, int64_t width, T factor, T* to) {
  for (int64_t t = 0; t < length; ++t) {
    const T* const row = from.first + t * from.stride;
#pragma omp simd
    for (int64_t c = 0; c < width; ++c) to[t * width + c] = row[c] * factor;
  }
}

/// The columns = from [length, width], and 0 at the positions [length, all).
template <class T>
void scatter(const T* from, int64_t length, int64_t width, int64_t all, const Columns<T>& to) {
  for (int64_t t = 0; t < length; ++t) {
    std::copy_n(from + t * width, width, to.first + t * to.stride);
  }
  for (int64_t t = length; t < all; ++t) std::fill_n(to.first + t * to.stride, width, T(0));
}

/// c [m, n] = a · bᵀ of a [m, k] and b [n, k].
template <class T>
void product_with_rows(int64_t m, int64_t n, int64_t k, const T* a, const T* b, T* c) {
  product(Gemm<T>{.transpose_b = true,
                  .m = m,
                  .n = n,
                  .k = k,
                  .a = a,
                  .lda = k,
                  .b = b,
                  .ldb = k,
                  .c = c,
                  .ldc = n});
}

/// c [m, n] = a · b of a [m, k] and b [k, n].
template <class T>
void product_with_columns(int64_t m, int64_t n, int64_t k, const T* a, const T* b, T* c) {
  product(Gemm<T>{.m = m, .n = n, .k = k, .a = a, .lda = k, .b = b, .ldb = n, .c = c, .ldc = n});
}

/// c [m, n] (+)= aᵀ · b of a [k, m] and b [k, n].
template <class T>
void product_of_columns(int64_t m, int64_t n, int64_t k, const T* a, const T* b, bool add, T* c) {
  product(Gemm<T>{.transpose_a = true,
                  .m = m,
                  .n = n,
                  .k = k,
                  .a = a,
                  .lda = m,
                  .b = b,
                  .ldb = n,
                  .beta = add ? T(1) : T(0),
                  .c = c,
                  .ldc = n});
}

/// s[j] becomes exp(s[j] − max s), j < count; returns their sum, and the logarithm of Σ exp s[j] in
/// `log_sum`.
template <class T>
T exponentials(T* s, int64_t count, T& log_sum) {
  T maximum = s[0], sum = 0;
#pragma omp simd reduction(max : maximum)
  for (int64_t j = 0; j < count; ++j) maximum = s[j] > maximum ? s[j] : maximum;
#pragma omp simd reduction(+ : sum)
  for (int64_t j = 0; j < count; ++j) {
    s[j] = vector_math::fast_exp(s[j] - maximum);
    sum += s[j];
  }
  log_sum = maximum + std::log(sum);
  return sum;
}

/// Calls f(n, h, positions that count) for each head of each sequence, on all threads.
template <class F>
void for_each_head(const AttentionShape& s, const int32_t* lengths, const F& f) {
  in_pieces(s.batch * s.heads, [&](int64_t piece) {
    const int64_t n = piece / s.heads;
    const int64_t length = lengths ? lengths[n] : s.length;
    STROMA_ASSERT(length >= 0 && length <= s.length, "no sequence is longer than all positions");
    f(n, piece % s.heads, length);
  });
}

}  // namespace

template <class T>
void multi_head_attention(const Cpu& cpu, const MultiHeadAttention<T>& p) {
  const AttentionShape& s = p.shape;
  s.check();
  const int64_t d = s.head_channels();
  for_each_head(s, p.lengths, [&](int64_t n, int64_t h, int64_t length) {
    const int64_t size = length * d, rows = std::min(tile_rows, length);
    Workspace<T, Cpu> workspace(cpu, 4 * size + rows * length);
    T *const q = workspace.data(), *const k = q + size, *const v = k + size, *const o = v + size;
    T* const scores = o + size;  // [rows, length]
    const auto part = [&](int64_t i) {
      return columns_of(p.qkv, s.batch, 3 * s.channels, n, i * s.channels + h * d);
    };
    gather(part(0), length, d, static_cast<T>(s.scale()), q);
    gather(part(1), length, d, T(1), k);
    gather(part(2), length, d, T(1), v);
    T* const log_sums = p.log_sums + (n * s.heads + h) * s.length;
    for (int64_t first = 0; first < length; first += tile_rows) {
      const int64_t count = std::min(tile_rows, length - first);
      product_with_rows(count, length, d, q + first * d, k, scores);
      T inverse[tile_rows];  // 1 / Σ: fewer factors of the output than of P
      for (int64_t i = 0; i < count; ++i) {
        inverse[i] = 1 / exponentials(scores + i * length, length, log_sums[first + i]);
      }
      product_with_columns(count, d, length, scores, v, o + first * d);
      for (int64_t i = 0; i < count; ++i) {
        T* const row = o + (first + i) * d;
#pragma omp simd
        for (int64_t c = 0; c < d; ++c) row[c] *= inverse[i];
      }
    }
    scatter(o, length, d, s.length, columns_of(p.output, s.batch, s.channels, n, h * d));
  });
}

template <class T>
void multi_head_attention_backward(const Cpu& cpu, const MultiHeadAttentionBackward<T>& p) {
  const AttentionShape& s = p.shape;
  s.check();
  const int64_t d = s.head_channels();
  const T scale = static_cast<T>(s.scale());
  for_each_head(s, p.lengths, [&](int64_t n, int64_t h, int64_t length) {
    const int64_t size = length * d, rows = std::min(tile_rows, length);
    Workspace<T, Cpu> workspace(cpu, 8 * size + 2 * rows * length);
    T *const q = workspace.data(), *const k = q + size, *const v = k + size, *const o = v + size;
    T *const dy = o + size, *const dq = dy + size, *const dk = dq + size, *const dv = dk + size;
    T *const weights = dv + size, *const grads = weights + rows * length;  // [rows, length] each
    const auto part = [&](auto* tensor, int64_t i) {
      return columns_of(tensor, s.batch, 3 * s.channels, n, i * s.channels + h * d);
    };
    gather(part(p.qkv, 0), length, d, scale, q);
    gather(part(p.qkv, 1), length, d, T(1), k);
    gather(part(p.qkv, 2), length, d, T(1), v);
    gather(columns_of(p.output, s.batch, s.channels, n, h * d), length, d, T(1), o);
    gather(columns_of(p.output_grad, s.batch, s.channels, n, h * d), length, d, T(1), dy);
    const T* const log_sums = p.log_sums + (n * s.heads + h) * s.length;
    for (int64_t first = 0; first < length; first += tile_rows) {
      const int64_t count = std::min(tile_rows, length - first);
      product_with_rows(count, length, d, q + first * d, k, weights);
      product_with_rows(count, length, d, dy + first * d, v, grads);
      for (int64_t i = 0; i < count; ++i) {
        const T *const dy_row = dy + (first + i) * d, *const o_row = o + (first + i) * d;
        T mean = 0;
#pragma omp simd reduction(+ : mean)
        for (int64_t c = 0; c < d; ++c) mean += dy_row[c] * o_row[c];
        const T log_sum = log_sums[first + i];
        T *const weight = weights + i * length, *const grad = grads + i * length;
#pragma omp simd
        for (int64_t j = 0; j < length; ++j) {
          weight[j] = vector_math::fast_exp(weight[j] - log_sum);
          grad[j] = weight[j] * (grad[j] - mean);
        }
      }
      const bool add = first > 0;
      product_of_columns(length, d, count, weights, dy + first * d, add, dv);
      product_of_columns(length, d, count, grads, q + first * d, add, dk);  // q is scaled
      product_with_columns(count, d, length, grads, k, dq + first * d);
    }
    for (int64_t i = 0; i < size; ++i) dq[i] *= scale;
    scatter(dq, length, d, s.length, part(p.qkv_grad, 0));
    scatter(dk, length, d, s.length, part(p.qkv_grad, 1));
    scatter(dv, length, d, s.length, part(p.qkv_grad, 2));
  });
}

#define STROMA_INSTANTIATE(T)                                                      \
  template void multi_head_attention<T>(const Cpu&, const MultiHeadAttention<T>&); \
  template void multi_head_attention_backward<T>(const Cpu&, const MultiHeadAttentionBackward<T>&);
STROMA_INSTANTIATE(float)
STROMA_INSTANTIATE(double)
#undef STROMA_INSTANTIATE

}  // namespace stroma::kernels
