// What a kernel's caller must guarantee, checked in the builds that look for mistakes (presets
// debug, asan, fuzz and emulated-checked). In all others nothing is evaluated.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>

/// STROMA_ASSERT(stride >= 1, "the stride is at least 1"): ends the program with file, line and the
/// promise that was broken. Not an exception, which must not leave a parallel region.
#if STROMA_CHECKED && !defined(__CUDA_ARCH__)
#define STROMA_ASSERT(condition, promise)                                                      \
  do {                                                                                         \
    if (!(condition)) {                                                                        \
      std::fprintf(stderr, "%s:%d: the caller of a kernel must see to it that %s: %s fails\n", \
                   __FILE__, __LINE__, promise, #condition);                                   \
      std::abort();                                                                            \
    }                                                                                          \
  } while (false)
#else
#define STROMA_ASSERT(condition, promise) static_cast<void>(sizeof((condition) ? 1 : 0))
#endif

namespace stroma::kernels {

/// Whether [a, a + a_count) and [b, b + b_count) have no element in common.
template <class T>
bool apart(const T* a, int64_t a_count, const T* b, int64_t b_count) {
  const auto first = reinterpret_cast<uintptr_t>(a), second = reinterpret_cast<uintptr_t>(b);
  return first + a_count * sizeof(T) <= second || second + b_count * sizeof(T) <= first;
}

}  // namespace stroma::kernels
