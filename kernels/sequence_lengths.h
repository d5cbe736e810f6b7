// What is done to sequences [length, batch, channels] of which sequence n ends before position
// lengths[n], 0 ≤ lengths[n] ≤ length: what lies beyond is padding.
#pragma once

#include <cstdint>

#include "kernels/check.h"
#include "kernels/context.h"

namespace stroma::kernels {

/// output[n] = (input[n] + 2 · padding − reach) / stride + 1, rounded down: the positions that a
/// convolution or a pool makes of each sequence, `reach` positions of it at a time. 0 where that
/// many are not there, and of a sequence that has none.
struct SlideLengths {
  int64_t batch;
  int64_t reach, stride, padding;
  const int32_t* input;  // [batch]
  int32_t* output;       // [batch]; may be the input

  void check() const {
    STROMA_ASSERT(reach >= 1 && stride >= 1 && padding >= 0, "a window has an extent and moves");
  }
};

void slide_lengths(const Cpu&, const SlideLengths&);
void slide_lengths(const Cuda&, const SlideLengths&);

/// output[t, n, c] = t < lengths[n] ? input[t, n, c] : value. Of gradients, with 0 for the value,
/// it is its own backward pass.
template <class T>
struct MaskPositions {
  int64_t length, batch, channels;
  const T* input;          // [length, batch, channels]
  const int32_t* lengths;  // [batch]
  T value;
  T* output;  // [length, batch, channels]; may be the input
};

template <class T>
void mask_positions(const Cpu&, const MaskPositions<T>&);
void mask_positions(const Cuda&, const MaskPositions<float>&);

/// The last position of each sequence itself: output[n, c] = input[lengths[n] − 1, n, c], or 0 of a
/// sequence of no length.
template <class T>
struct SelectAt {
  int64_t length, batch, channels;
  const T* input;          // [length, batch, channels]
  const int32_t* lengths;  // [batch]
  T* output;               // [batch, channels]
};

template <class T>
struct SelectAtBackward {
  int64_t length, batch, channels;
  const T* output_grad;    // [batch, channels]
  const int32_t* lengths;  // [batch]
  T* input_grad;           // [length, batch, channels], written: 0 but for those positions
};

template <class T>
void select_at(const Cpu&, const SelectAt<T>&);
template <class T>
void select_at_backward(const Cpu&, const SelectAtBackward<T>&);

void select_at(const Cuda&, const SelectAt<float>&);
void select_at_backward(const Cuda&, const SelectAtBackward<float>&);

}  // namespace stroma::kernels
