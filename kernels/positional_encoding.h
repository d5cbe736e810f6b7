// A number of its own for each position and channel, added to sequences [length, batch, channels]:
//   y[t, n, c] = x[t, n, c] + encoding[t, c]   where t < lengths[n], and 0 beyond
// The gradient of the input is that of the output, or 0 beyond (kernels/sequence_lengths.h).
#pragma once

#include <cstdint>

#include "kernels/context.h"

namespace stroma::kernels {

template <class T>
struct PositionalEncoding {
  int64_t length, batch, channels;
  const T* input;          // [length, batch, channels]
  const T* encoding;       // [length, channels]
  const int32_t* lengths;  // [batch]; nullptr: all positions count
  T* output;               // [length, batch, channels]; may be the input
};

template <class T>
void positional_encoding(const Cpu&, const PositionalEncoding<T>&);
void positional_encoding(const Cuda&, const PositionalEncoding<float>&);

}  // namespace stroma::kernels
