// The checks that an operation begins with. Each throws an Error that gives the shape that there
// is, and the one that there must be, before a kernel can read beyond a tensor's end.
#pragma once

#include "engine/tensor.h"

namespace stroma {

/// Extent of a pattern: 1 or more.
inline constexpr int64_t any = -1;

/// What an operation computes on, floating-point numbers, at least one:
///   check_input("dropout", x);  check_input("an LSTM", x, {any, any, any});
void check_input(const char* operation, const Tensor& input);
void check_input(const char* operation, const Tensor& input, const Shape& pattern);

/// A tensor that must be of this shape, of this type and on this device, or like another:
///   "a linear layer takes the bias [2] of float32 on cpu, not [3] of float32 on cpu"
void check_operand(const char* operation, const char* name, const Tensor& tensor,
                   const Shape& pattern, DType dtype, Device device);
inline void check_operand(const char* operation, const char* name, const Tensor& tensor,
                          const Shape& pattern, const Tensor& like) {
  check_operand(operation, name, tensor, pattern, like.dtype(), like.device());
}

}  // namespace stroma
