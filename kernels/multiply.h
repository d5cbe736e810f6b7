// A product of elements, of which the right factor may be one row for all rows of the left: a
// vector [batch, channels] over a sequence [length, batch, channels], say.
//   y[i, j] = left[i, j] · right[j]
// Two factors of one shape are one row of all their elements.
#pragma once

#include <cstdint>

#include "kernels/check.h"
#include "kernels/context.h"

namespace stroma::kernels {

template <class T>
struct MultiplyForward {
  int64_t rows, columns;
  const T* left;   // [rows, columns]
  const T* right;  // [columns]
  T* output;       // [rows, columns]
};

/// Either gradient may be null, and what the other factor is then too.
template <class T>
struct MultiplyBackward {
  int64_t rows, columns;
  const T* left;         // [rows, columns]
  const T* right;        // [columns]
  const T* output_grad;  // [rows, columns]
  T* left_grad;          // [rows, columns], written: output_grad · right
  T* right_grad;         // [columns], written: the sum of output_grad · left over the rows

  void check() const {
    STROMA_ASSERT(left != nullptr || right_grad == nullptr, "the left factor is there");
    STROMA_ASSERT(right != nullptr || left_grad == nullptr, "the right factor is there");
  }
};

template <class T>
void multiply_forward(const Cpu&, const MultiplyForward<T>&);
template <class T>
void multiply_backward(const Cpu&, const MultiplyBackward<T>&);

void multiply_forward(const Cuda&, const MultiplyForward<float>&);
void multiply_backward(const Cuda&, const MultiplyBackward<float>&);

}  // namespace stroma::kernels
