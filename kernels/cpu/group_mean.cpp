// Means of groups of rows on the CPU: each row looks for the others of its group by itself, in the
// order of the rows. A batch has some hundreds of rows, so that the square of them is little.
#include "kernels/group_mean.h"

#include <algorithm>

#include "kernels/parallel.h"

namespace stroma::kernels {
namespace {

constexpr int64_t grain = 16;

int64_t first_of_group(const int32_t* groups, int64_t n) {
  return std::find(groups, groups + n, groups[n]) - groups;
}

}  // namespace

template <class T>
void group_mean_forward(const Cpu&, const GroupMeanForward<T>& g) {
  g.check();
  in_chunks(g.rows, grain, [&g](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; ++n) {
      T* mean = g.output + n * g.columns;
      std::fill(mean, mean + g.columns, T{0});
      g.weights[n] = 0;
      if (first_of_group(g.groups, n) != n) continue;
      const auto size = std::count(g.groups + n, g.groups + g.rows, g.groups[n]);
      if (size < 2) continue;
      g.weights[n] = g.row_weights != nullptr ? g.row_weights[n] : T{1};
      for (int64_t m = n; m < g.rows; ++m) {
        if (g.groups[m] != g.groups[n]) continue;
        const T* row = g.input + m * g.columns;
#pragma omp simd
        for (int64_t c = 0; c < g.columns; ++c) mean[c] += row[c];
      }
#pragma omp simd
      for (int64_t c = 0; c < g.columns; ++c) mean[c] /= static_cast<T>(size);
    }
  });
}

template <class T>
void group_mean_backward(const Cpu&, const GroupMeanBackward<T>& g) {
  g.check();
  in_chunks(g.rows, grain, [&g](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; ++n) {
      const int64_t first = first_of_group(g.groups, n);
      const auto size = std::count(g.groups + first, g.groups + g.rows, g.groups[n]);
      const T* from = g.output_grad + first * g.columns;
      T* to = g.input_grad + n * g.columns;
      for (int64_t c = 0; c < g.columns; ++c) {
        to[c] = size < 2 ? T{0} : from[c] / static_cast<T>(size);
      }
    }
  });
}

#define STROMA_INSTANTIATE(T)                                                  \
  template void group_mean_forward<T>(const Cpu&, const GroupMeanForward<T>&); \
  template void group_mean_backward<T>(const Cpu&, const GroupMeanBackward<T>&);
STROMA_INSTANTIATE(float)
STROMA_INSTANTIATE(double)
#undef STROMA_INSTANTIATE

}  // namespace stroma::kernels
