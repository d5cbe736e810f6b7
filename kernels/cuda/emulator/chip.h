// The limits of the chip that is imitated: an NVIDIA H200 (compute capability 9.0; CUDA programming
// guide, "Compute Capabilities").
#pragma once

#include <cstddef>

namespace stroma::emulator::chip {

inline constexpr const char* name = "Emulated H200";
inline constexpr int major = 9, minor = 0;
inline constexpr int multiprocessors = 132;
inline constexpr int threads_per_block = 1024;
inline constexpr int threads_per_multiprocessor = 2048;
inline constexpr int blocks_per_multiprocessor = 32;
inline constexpr int registers_per_multiprocessor = 65536;
inline constexpr unsigned block_extent[3] = {1024, 1024, 64};
inline constexpr unsigned grid_extent[3] = {2147483647, 65535, 65535};
inline constexpr std::size_t shared_by_default = 48 << 10;   // a block, without asking
inline constexpr std::size_t shared_on_request = 227 << 10;  // a block, by cudaFuncSetAttribute
inline constexpr std::size_t shared_per_multiprocessor = 228 << 10;
inline constexpr std::size_t shared_reserved = 1024;  // of each block, by the system
inline constexpr unsigned cluster_portable = 8, cluster_largest = 16;
inline constexpr std::size_t global_bytes = std::size_t{141} << 30;
inline constexpr int l2_bytes = 60 << 20;

}  // namespace stroma::emulator::chip
