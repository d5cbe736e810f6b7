// Which sizes of blocks a memory pool keeps.
#pragma once

#include <bit>
#include <cstddef>

namespace stroma::kernels {

#if defined(__SANITIZE_ADDRESS__)
// AddressSanitizer shall see every block's true size and end of life.
inline constexpr bool reuse_blocks = false;
#else
inline constexpr bool reuse_blocks = true;
#endif

/// The size of the block that serves `bytes`: one of eight for each power of two, so that at most
/// an eighth is wasted.
inline std::size_t size_class(std::size_t bytes) {
  if (!reuse_blocks) return bytes;
  if (bytes <= 2048) return (bytes + 255) / 256 * 256 + (bytes == 0 ? 256 : 0);
  const std::size_t step = std::bit_floor(bytes - 1) / 8;
  return (bytes + step - 1) / step * step;
}

}  // namespace stroma::kernels
