// Flattening on the CPU: a transposition of [length, channels] for each example.
#include "kernels/flatten.h"

#include <algorithm>

#include "kernels/parallel.h"

namespace stroma::kernels {
namespace {

/// Calls f(index in the sequence, index in the vectors) for every element of examples [first,
/// last).
template <class T, class F>
void for_pairs(const Flatten<T>& x, int64_t first, int64_t last, F&& f) {
  for (int64_t n = first; n < last; ++n) {
    for (int64_t t = 0; t < x.length; ++t) {
      for (int64_t c = 0; c < x.channels; ++c) {
        f((t * x.batch + n) * x.channels + c, (n * x.channels + c) * x.length + t);
      }
    }
  }
}

template <class T>
int64_t examples_per_chunk(const Flatten<T>& x) {
  return std::max<int64_t>(1, 8192 / std::max<int64_t>(1, x.length * x.channels));
}

}  // namespace

template <class T>
void flatten(const Cpu&, const Flatten<T>& x) {
  x.check();
  in_chunks(x.batch, examples_per_chunk(x), [&](int64_t first, int64_t last) {
    for_pairs(x, first, last,
              [&](int64_t sequence, int64_t vector) { x.output[vector] = x.input[sequence]; });
  });
}

template <class T>
void unflatten(const Cpu&, const Flatten<T>& x) {
  x.check();
  in_chunks(x.batch, examples_per_chunk(x), [&](int64_t first, int64_t last) {
    for_pairs(x, first, last,
              [&](int64_t sequence, int64_t vector) { x.output[sequence] = x.input[vector]; });
  });
}

template void flatten<float>(const Cpu&, const Flatten<float>&);
template void flatten<double>(const Cpu&, const Flatten<double>&);
template void unflatten<float>(const Cpu&, const Flatten<float>&);
template void unflatten<double>(const Cpu&, const Flatten<double>&);

}  // namespace stroma::kernels
