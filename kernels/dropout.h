// Dropout: y = x · keep / (1 − p), keep[i] = uniform(i) ≥ p. The mask is random_block(seed, stream,
// *step, i / 4) word i % 4, so the backward pass is the forward pass on the gradient, and every
// device drops the same elements.
#pragma once

#include <cstdint>

#include "kernels/check.h"
#include "kernels/context.h"

namespace stroma::kernels {

template <class T>
struct Dropout {
  int64_t count;
  float probability;  // p in [0, 1)
  uint64_t seed;
  uint32_t stream;      // one for each dropout layer of a model
  const int64_t* step;  // [1] on the device: the training step
  const T* input;       // [count]
  T* output;            // [count]; may be `input`

  void check() const {
    STROMA_ASSERT(probability >= 0 && probability < 1, "a probability lies in [0, 1)");
    STROMA_ASSERT(count >= 0 && step, "the training step is there");
    STROMA_ASSERT(input == output || apart(input, count, output, count),
                  "input and output are the same or apart");
  }
};

template <class T>
void dropout(const Cpu&, const Dropout<T>&);
void dropout(const Cuda&, const Dropout<float>&);

}  // namespace stroma::kernels
