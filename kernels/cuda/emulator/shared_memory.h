// The shared memory of one block: exactly as many bytes as the launch asked for, filled with a
// pattern that is NaN as float and −1 as integer. AddressSanitizer stops an access outside of it;
// without it a guard on both sides shows writes outside when the block has ended.
#pragma once

#include <cstddef>

#include "kernels/cuda/emulator/checker.h"

namespace stroma::emulator {

class SharedMemory {
 public:
  SharedMemory();
  ~SharedMemory();
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;

  /// Gives the block `bytes` bytes of never-written memory.
  void open(std::size_t bytes);
  /// The block has ended: what is still read here is not a number.
  void close();
  /// False if the guards were written to.
  bool intact() const;

  std::byte* data() const { return data_; }
  std::size_t size() const { return bytes_; }
  bool closed() const { return closed_; }
  SharedShadow& shadow() { return shadow_; }
  /// A barrier has ordered a write of these bytes before all that comes.
  void set_written(const void* first, std::size_t bytes);
  /// Whether the address is in this memory, or close to it.
  bool near(const void* address) const;

 private:
  std::byte* arena_;
  std::byte* data_;
  std::size_t bytes_ = 0;
  bool closed_ = false;
  SharedShadow shadow_;
};

/// The shared memory of the current block, which must have at least `bytes` bytes.
void* shared_memory(std::size_t bytes);

/// The same place in the shared memory of block `rank` of the cluster.
void* map_shared(const void* address, int rank);

}  // namespace stroma::emulator
