// CUDA's qualifiers and built-in types, for the host compiler.
#pragma once

#include <cstddef>
#include <cstdint>

// NOLINTBEGIN(readability-identifier-naming,bugprone-reserved-identifier): the names are CUDA's.

#define __global__
#define __device__
#define __host__
#define __constant__
#define __grid_constant__
#define __forceinline__ inline __attribute__((always_inline))
#define __launch_bounds__(...)
#define __align__(bytes) alignas(bytes)
// __shared__ is missing on purpose: shared memory comes from shared_memory<T>() alone.

#define STROMA_EMULATED_VECTORS(name, type, align2, align4)                      \
  struct name##1 {                                                               \
    type x;                                                                      \
  };                                                                             \
  struct alignas(align2) name##2 {                                               \
    type x, y;                                                                   \
  };                                                                             \
  struct name##3 {                                                               \
    type x, y, z;                                                                \
  };                                                                             \
  struct alignas(align4) name##4 {                                               \
    type x, y, z, w;                                                             \
  };                                                                             \
  constexpr name##1 make_##name##1(type x) { return {x}; }                       \
  constexpr name##2 make_##name##2(type x, type y) { return {x, y}; }            \
  constexpr name##3 make_##name##3(type x, type y, type z) { return {x, y, z}; } \
  constexpr name##4 make_##name##4(type x, type y, type z, type w) { return {x, y, z, w}; }
STROMA_EMULATED_VECTORS(char, signed char, 2, 4)
STROMA_EMULATED_VECTORS(uchar, unsigned char, 2, 4)
STROMA_EMULATED_VECTORS(short, short, 4, 8)
STROMA_EMULATED_VECTORS(ushort, unsigned short, 4, 8)
STROMA_EMULATED_VECTORS(int, int, 8, 16)
STROMA_EMULATED_VECTORS(uint, unsigned int, 8, 16)
STROMA_EMULATED_VECTORS(longlong, long long, 16, 16)
STROMA_EMULATED_VECTORS(ulonglong, unsigned long long, 16, 16)
STROMA_EMULATED_VECTORS(float, float, 8, 16)
STROMA_EMULATED_VECTORS(double, double, 16, 16)
#undef STROMA_EMULATED_VECTORS

struct dim3 {
  unsigned x = 1, y = 1, z = 1;
  constexpr dim3(unsigned x_ = 1, unsigned y_ = 1, unsigned z_ = 1) : x(x_), y(y_), z(z_) {}
};

constexpr int warpSize = 32;

// Each host thread runs one CUDA thread at a time; the scheduler sets these when it changes over.
inline constinit thread_local uint3 threadIdx{};
inline constinit thread_local uint3 blockIdx{};
inline constinit thread_local uint3 blockDim{};
inline constinit thread_local uint3 gridDim{};

// NOLINTEND(readability-identifier-naming,bugprone-reserved-identifier)
