// Columns from one matrix to another on the CPU, a row at a time.
#include "kernels/concat.h"

#include <algorithm>

#include "kernels/parallel.h"

namespace stroma::kernels {

template <class T>
void copy_columns(const Cpu&, const CopyColumns<T>& c) {
  c.check();
  const int64_t grain = std::max<int64_t>(1, (1 << 15) / std::max<int64_t>(1, c.columns));
  in_chunks(c.rows, grain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      std::copy_n(c.from + i * c.from_stride, c.columns, c.to + i * c.to_stride);
    }
  });
}

template void copy_columns<float>(const Cpu&, const CopyColumns<float>&);
template void copy_columns<double>(const Cpu&, const CopyColumns<double>&);

}  // namespace stroma::kernels
