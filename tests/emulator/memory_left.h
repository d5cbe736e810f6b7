// The emulated device with little memory left.
#pragma once

#include <cstddef>

#include "kernels/cuda/emulator/memory.h"

namespace stroma::test {

/// While it lives, the device has this much more memory than is in use.
class MemoryLeft {
 public:
  explicit MemoryLeft(std::size_t bytes) : before_(emulator::memory_limit()) {
    emulator::limit_memory(emulator::memory_in_use() + bytes);
  }
  ~MemoryLeft() { emulator::limit_memory(before_); }
  MemoryLeft(const MemoryLeft&) = delete;
  MemoryLeft& operator=(const MemoryLeft&) = delete;

 private:
  std::size_t before_;
};

}  // namespace stroma::test
