// Global pooling on the CPU. Forward a thread takes some columns (batch entries and channels)
// through all positions; backward it takes some positions.
#include "kernels/global_pool1d.h"

#include <algorithm>

#include "kernels/parallel.h"

namespace stroma::kernels {
namespace {

// Columns that stay in the first-level cache, with what is kept of each.
constexpr int64_t block_columns = 256;

int64_t length_of(const int32_t* lengths, int64_t length, int64_t n) {
  return lengths != nullptr ? lengths[n] : length;
}

/// Calls f(n, first column, end) for runs of columns of one sequence.
template <class F>
void for_runs(int64_t batch, int64_t channels, const F& f) {
  in_chunks(batch * channels, block_columns, [&](int64_t begin, int64_t end) {
    while (begin < end) {
      const int64_t n = begin / channels, next = std::min((n + 1) * channels, end);
      f(n, begin, next);
      begin = next;
    }
  });
}

/// Calls f(t, n, first element) for each row of channels.
template <class F>
void for_rows(int64_t length, int64_t batch, int64_t channels, const F& f) {
  in_chunks(length * batch, std::max<int64_t>(1, (1 << 15) / channels),
            [&](int64_t begin, int64_t end) {
              for (int64_t row = begin; row < end; ++row)
                f(row / batch, row % batch, row * channels);
            });
}

}  // namespace

template <class T>
void global_average_pool1d(const Cpu&, const GlobalAveragePool1d<T>& p) {
  const int64_t row = p.batch * p.channels;
  for_runs(p.batch, p.channels, [&](int64_t n, int64_t begin, int64_t end) {
    const int64_t length = length_of(p.lengths, p.length, n);
    std::fill(p.output + begin, p.output + end, T(0));
    for (int64_t t = 0; t < length; ++t) {
#pragma omp simd
      for (int64_t j = begin; j < end; ++j) p.output[j] += p.input[t * row + j];
    }
    if (length == 0) return;
    const T share = T(1) / static_cast<T>(length);
    for (int64_t j = begin; j < end; ++j) p.output[j] *= share;
  });
}

template <class T>
void global_average_pool1d_backward(const Cpu&, const GlobalAveragePool1dBackward<T>& p) {
  for_rows(p.length, p.batch, p.channels, [&](int64_t t, int64_t n, int64_t first) {
    const int64_t length = length_of(p.lengths, p.length, n);
    const T share = t < length ? T(1) / static_cast<T>(length) : T(0);
    const T* const dy = p.output_grad + n * p.channels;
    T* const dx = p.input_grad + first;
#pragma omp simd
    for (int64_t c = 0; c < p.channels; ++c) dx[c] = dy[c] * share;
  });
}

template <class T>
void global_max_pool1d(const Cpu&, const GlobalMaxPool1d<T>& p) {
  const int64_t row = p.batch * p.channels;
  for_runs(p.batch, p.channels, [&](int64_t n, int64_t begin, int64_t end) {
    const int64_t length = length_of(p.lengths, p.length, n);
    if (length == 0) {
      std::fill(p.output + begin, p.output + end, T(0));
      std::fill(p.positions + begin, p.positions + end, -1);
      return;
    }
    std::copy(p.input + begin, p.input + end, p.output + begin);
    std::fill(p.positions + begin, p.positions + end, 0);
    for (int64_t t = 1; t < length; ++t) {
      for (int64_t j = begin; j < end; ++j) {
        const T x = p.input[t * row + j], y = p.output[j];
        const bool wins = x > y || (x != x && y == y);  // as in PyTorch, the first NaN does
        p.output[j] = wins ? x : y;
        p.positions[j] = wins ? static_cast<int32_t>(t) : p.positions[j];
      }
    }
  });
}

template <class T>
void global_max_pool1d_backward(const Cpu&, const GlobalMaxPool1dBackward<T>& p) {
  for_rows(p.length, p.batch, p.channels, [&](int64_t t, int64_t n, int64_t first) {
    const T* const dy = p.output_grad + n * p.channels;
    const int32_t* const positions = p.positions + n * p.channels;
    T* const dx = p.input_grad + first;
#pragma omp simd
    for (int64_t c = 0; c < p.channels; ++c) dx[c] = positions[c] == t ? dy[c] : T(0);
  });
}

#define STROMA_INSTANTIATE(T)                                                             \
  template void global_average_pool1d<T>(const Cpu&, const GlobalAveragePool1d<T>&);      \
  template void global_average_pool1d_backward<T>(const Cpu&,                             \
                                                  const GlobalAveragePool1dBackward<T>&); \
  template void global_max_pool1d<T>(const Cpu&, const GlobalMaxPool1d<T>&);              \
  template void global_max_pool1d_backward<T>(const Cpu&, const GlobalMaxPool1dBackward<T>&);
STROMA_INSTANTIATE(float)
STROMA_INSTANTIATE(double)
#undef STROMA_INSTANTIATE

}  // namespace stroma::kernels
