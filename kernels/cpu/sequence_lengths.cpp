// Padded sequences on the CPU: rows of channels that are copied, filled or left out whole.
#include "kernels/sequence_lengths.h"

#include <algorithm>

#include "kernels/parallel.h"

namespace stroma::kernels {
namespace {

/// Calls f(t, n, first element) for each row of channels of [length, batch, channels].
template <class F>
void for_rows(int64_t length, int64_t batch, int64_t channels, const F& f) {
  const int64_t grain = std::max<int64_t>(1, (1 << 15) / channels);
  in_chunks(length * batch, grain, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) f(row / batch, row % batch, row * channels);
  });
}

}  // namespace

void slide_lengths(const Cpu&, const SlideLengths& s) {
  s.check();
  for (int64_t n = 0; n < s.batch; ++n) {
    const int64_t room = s.input[n] + 2 * s.padding - s.reach;
    const bool fits = s.input[n] > 0 && room >= 0;
    s.output[n] = fits ? static_cast<int32_t>(room / s.stride + 1) : 0;
  }
}

template <class T>
void mask_positions(const Cpu&, const MaskPositions<T>& m) {
  for_rows(m.length, m.batch, m.channels, [&](int64_t t, int64_t n, int64_t first) {
    if (t >= m.lengths[n]) {
      std::fill_n(m.output + first, m.channels, m.value);
    } else if (m.output != m.input) {
      std::copy_n(m.input + first, m.channels, m.output + first);
    }
  });
}

template <class T>
void select_at(const Cpu&, const SelectAt<T>& s) {
  for (int64_t n = 0; n < s.batch; ++n) {
    const int64_t last = s.lengths[n] - 1;
    STROMA_ASSERT(last < s.length, "no sequence is longer than all positions");
    T* const output = s.output + n * s.channels;
    if (last < 0) {
      std::fill_n(output, s.channels, T(0));
    } else {
      std::copy_n(s.input + (last * s.batch + n) * s.channels, s.channels, output);
    }
  }
}

template <class T>
void select_at_backward(const Cpu&, const SelectAtBackward<T>& s) {
  for_rows(s.length, s.batch, s.channels, [&](int64_t t, int64_t n, int64_t first) {
    if (t == s.lengths[n] - 1) {
      std::copy_n(s.output_grad + n * s.channels, s.channels, s.input_grad + first);
    } else {
      std::fill_n(s.input_grad + first, s.channels, T(0));
    }
  });
}

#define STROMA_INSTANTIATE(T)                                           \
  template void mask_positions<T>(const Cpu&, const MaskPositions<T>&); \
  template void select_at<T>(const Cpu&, const SelectAt<T>&);           \
  template void select_at_backward<T>(const Cpu&, const SelectAtBackward<T>&);
STROMA_INSTANTIATE(float)
STROMA_INSTANTIATE(double)
#undef STROMA_INSTANTIATE

}  // namespace stroma::kernels
