// The emulated device's memory: which blocks there are, and in a checked build which bytes of them
// have been written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace stroma::emulator {

#if STROMA_CHECK_KERNELS
inline constexpr bool checks_kernels = true;  // every load and store of a kernel, see checker.h
#else
inline constexpr bool checks_kernels = false;
#endif

struct DeviceBlock {
  std::byte* first = nullptr;
  std::size_t bytes = 0;
  std::vector<uint8_t> written;  // of each byte; empty unless kernels are checked

  bool contains(const void* address) const { return address >= first && address < first + bytes; }
};

/// The block that the address lies in, or nullptr. Blocks stay where they are until they are freed.
DeviceBlock* find_block(const void* address);
/// How far behind the end of the block before it an address lies.
struct Overrun {
  std::size_t block_bytes, behind;
};
/// Of an address outside of all blocks; nothing where no block lies before it.
std::optional<Overrun> overrun(const void* address);
/// Changes whenever a block is freed.
uint64_t freed_blocks();

/// These bytes hold values now, wherever they lie.
void mark_written(const void* first, std::size_t bytes);

/// From here on the device has so much memory.
void limit_memory(std::size_t bytes);
std::size_t memory_limit();
std::size_t memory_in_use();

}  // namespace stroma::emulator
