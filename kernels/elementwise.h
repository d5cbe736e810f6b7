// The arithmetic on whole arrays that the rest leans on: fill, repeat, add, scale.
#pragma once

#include <cstdint>

#include "kernels/context.h"

namespace stroma::kernels {

/// data[i] = value, i < count.
template <class T>
void fill(const Cpu&, T* data, int64_t count, T value);
void fill(const Cuda&, float* data, int64_t count, float value);

/// matrix[i, j] = row[j] in matrix [rows, columns]: a bias, before a product is added to it.
template <class T>
void repeat_row(const Cpu&, const T* row, int64_t rows, int64_t columns, T* matrix);
void repeat_row(const Cuda&, const float* row, int64_t rows, int64_t columns, float* matrix);

/// target[i] += source[i], i < count.
template <class T>
void add_to(const Cpu&, T* target, const T* source, int64_t count);
void add_to(const Cuda&, float* target, const float* source, int64_t count);

/// output[i] = left[i] + right[i], i < count; output may be left or right.
template <class T>
void add(const Cpu&, const T* left, const T* right, T* output, int64_t count);
void add(const Cuda&, const float* left, const float* right, float* output, int64_t count);

/// data[i] *= *factor, i < count; `factor` lies on the device.
template <class T>
void scale(const Cpu&, T* data, int64_t count, const T* factor);
void scale(const Cuda&, float* data, int64_t count, const float* factor);

}  // namespace stroma::kernels
