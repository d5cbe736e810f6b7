#include "kernels/positional_encoding.h"

#include <algorithm>

#include "kernels/parallel.h"

namespace stroma::kernels {

template <class T>
void positional_encoding(const Cpu&, const PositionalEncoding<T>& p) {
  const int64_t grain = std::max<int64_t>(1, (1 << 14) / p.channels);
  in_chunks(p.length * p.batch, grain, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      const int64_t t = row / p.batch;
      T* const y = p.output + row * p.channels;
      if (p.lengths && t >= p.lengths[row % p.batch]) {
        std::fill_n(y, p.channels, T(0));
        continue;
      }
      const T *const x = p.input + row * p.channels, *const at = p.encoding + t * p.channels;
#pragma omp simd
      for (int64_t c = 0; c < p.channels; ++c) y[c] = x[c] + at[c];
    }
  });
}

template void positional_encoding<float>(const Cpu&, const PositionalEncoding<float>&);
template void positional_encoding<double>(const Cpu&, const PositionalEncoding<double>&);

}  // namespace stroma::kernels
