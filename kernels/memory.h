// A caching memory pool per device: a freed block is kept and given out again, so that a training
// step that has run once never asks the system for memory.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/context.h"

namespace stroma::kernels {

/// At least `bytes` bytes, aligned to 256; throws Error when the device has no more.
void* allocate(const Cpu&, std::size_t bytes);
void* allocate(const Cuda&, std::size_t bytes);

/// Gives a block back to the pool. `bytes` is what it was asked for with.
void release(const Cpu&, void* block, std::size_t bytes);
void release(const Cuda&, void* block, std::size_t bytes);

/// Copies between any two of host and device memory, in the order of the context; a copy to the
/// host has arrived when the call returns. The blocks must not overlap.
void copy_bytes(const Cpu&, void* target, const void* source, std::size_t bytes);
void copy_bytes(const Cuda&, void* target, const void* source, std::size_t bytes);

void zero_bytes(const Cpu&, void* target, std::size_t bytes);
void zero_bytes(const Cuda&, void* target, std::size_t bytes);

/// Scratch memory of a kernel: [count] uninitialised elements, given back at the end of the scope.
template <class T, class Context>
class Workspace {
 public:
  Workspace(const Context& context, int64_t count)
      : context_(context),
        bytes_(static_cast<std::size_t>(count) * sizeof(T)),
        data_(static_cast<T*>(allocate(context, bytes_))) {}
  ~Workspace() { release(context_, data_, bytes_); }
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;

  T* data() { return data_; }

 private:
  Context context_;
  std::size_t bytes_;
  T* data_;
};

}  // namespace stroma::kernels
