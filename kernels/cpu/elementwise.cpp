// Fill, repeat, add and scale on the CPU: loops bound by memory.
#include "kernels/elementwise.h"

#include "kernels/parallel.h"

namespace stroma::kernels {
namespace {

constexpr int64_t grain = 1 << 15;

}  // namespace

template <class T>
void fill(const Cpu&, T* data, int64_t count, T value) {
  in_chunks(count, grain, [=](int64_t begin, int64_t end) {
#pragma omp simd
    for (int64_t i = begin; i < end; ++i) data[i] = value;
  });
}

template <class T>
void repeat_row(const Cpu&, const T* row, int64_t rows, int64_t columns, T* matrix) {
  in_chunks(rows, std::max<int64_t>(1, grain / std::max<int64_t>(1, columns)),
            [=](int64_t begin, int64_t end) {
              for (int64_t i = begin; i < end; ++i) std::copy_n(row, columns, matrix + i * columns);
            });
}

template <class T>
void add_to(const Cpu&, T* target, const T* source, int64_t count) {
  in_chunks(count, grain, [=](int64_t begin, int64_t end) {
#pragma omp simd
    for (int64_t i = begin; i < end; ++i) target[i] += source[i];
  });
}

template <class T>
void add(const Cpu&, const T* left, const T* right, T* output, int64_t count) {
  in_chunks(count, grain, [=](int64_t begin, int64_t end) {
#pragma omp simd
    for (int64_t i = begin; i < end; ++i) output[i] = left[i] + right[i];
  });
}

template <class T>
void scale(const Cpu&, T* data, int64_t count, const T* factor) {
  const T by = *factor;
  in_chunks(count, grain, [=](int64_t begin, int64_t end) {
#pragma omp simd
    for (int64_t i = begin; i < end; ++i) data[i] *= by;
  });
}

#define STROMA_INSTANTIATE(T)                                              \
  template void fill<T>(const Cpu&, T*, int64_t, T);                       \
  template void repeat_row<T>(const Cpu&, const T*, int64_t, int64_t, T*); \
  template void add_to<T>(const Cpu&, T*, const T*, int64_t);              \
  template void add<T>(const Cpu&, const T*, const T*, T*, int64_t);       \
  template void scale<T>(const Cpu&, T*, int64_t, const T*);
STROMA_INSTANTIATE(float)
STROMA_INSTANTIATE(double)
#undef STROMA_INSTANTIATE

}  // namespace stroma::kernels
