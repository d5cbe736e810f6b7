// The memory that a graph keeps: blocks taken from the pool while it was recorded.
#pragma once

#include "kernels/context.h"

namespace stroma::kernels {

struct Pool;

/// From begin() to end() allocations in the context's stream come from a pool of their own. It goes
/// over into the stream's own pool with this object.
class PrivateMemory {
 public:
  explicit PrivateMemory(const Cuda& cuda);
  ~PrivateMemory();
  PrivateMemory(const PrivateMemory&) = delete;
  PrivateMemory& operator=(const PrivateMemory&) = delete;

  void begin();
  void end();

 private:
  Cuda cuda_;
  Pool* pool_;
};

}  // namespace stroma::kernels
