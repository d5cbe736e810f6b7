// The mean of the rows of each group, in the place of its first row:
//   output[n] = Σ_m [g_m = g_n] input[m] ÷ Σ_m [g_m = g_n]
// where row n is the first of its group g_n, and the group has at least two rows; else zeros.
#pragma once

#include <cstdint>

#include "kernels/check.h"
#include "kernels/context.h"

namespace stroma::kernels {

template <class T>
struct GroupMeanForward {
  int64_t rows, columns;
  const int32_t* groups;  // [rows]
  const T* row_weights;   // [rows], or nullptr: all 1
  const T* input;         // [rows, columns]
  T* output;              // [rows, columns], written
  T* weights;             // [rows], written: row_weights where there is a mean, else 0

  void check() const { STROMA_ASSERT(input != output, "the mean is not made in place"); }
};

template <class T>
struct GroupMeanBackward {
  int64_t rows, columns;
  const int32_t* groups;  // [rows]
  const T* output_grad;   // [rows, columns]; what stands in rows without a mean is not read
  T* input_grad;          // [rows, columns], written

  void check() const { STROMA_ASSERT(output_grad != input_grad, "not in place"); }
};

template <class T>
void group_mean_forward(const Cpu&, const GroupMeanForward<T>&);
template <class T>
void group_mean_backward(const Cpu&, const GroupMeanBackward<T>&);

void group_mean_forward(const Cuda&, const GroupMeanForward<float>&);
void group_mean_backward(const Cuda&, const GroupMeanBackward<float>&);

}  // namespace stroma::kernels
