// From a sequence [length, batch, channels] to one vector an example, in the order of torch.flatten
// of [batch, channels, length]:  y[n, c · length + t] = x[t, n, c].
#pragma once

#include <cstdint>

#include "kernels/check.h"
#include "kernels/context.h"

namespace stroma::kernels {

template <class T>
struct Flatten {
  int64_t length, batch, channels;
  const T* input;  // [length, batch, channels]; of `unflatten`: [batch, channels · length]
  T* output;       // the other; must not overlap the input

  void check() const {
    STROMA_ASSERT(length >= 1 && batch >= 0 && channels >= 0, "there is a sequence");
    STROMA_ASSERT(apart(input, length * batch * channels, output, length * batch * channels),
                  "input and output do not overlap");
  }
};

template <class T>
void flatten(const Cpu&, const Flatten<T>&);
/// The inverse of `flatten`, which is also its backward pass.
template <class T>
void unflatten(const Cpu&, const Flatten<T>&);

void flatten(const Cuda&, const Flatten<float>&);
void unflatten(const Cuda&, const Flatten<float>&);

}  // namespace stroma::kernels
