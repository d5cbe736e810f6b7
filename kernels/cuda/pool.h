// The memory that a graph keeps: blocks taken from the pool while it was recorded.
#pragma once

#include "kernels/context.h"

namespace stroma::kernels {

struct Pool;

/// A pool for what a graph takes. It goes over into the stream's own pool with this object.
class PrivateMemory {
 public:
  /// While it lives, allocations in the context's stream come from this pool, and what it lacks
  /// moves there from the stream's own.
  class Use {
   public:
    explicit Use(const PrivateMemory& memory);
    ~Use();
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;

   private:
    const PrivateMemory& memory_;
  };

  explicit PrivateMemory(const Cuda& cuda);
  ~PrivateMemory();
  PrivateMemory(const PrivateMemory&) = delete;
  PrivateMemory& operator=(const PrivateMemory&) = delete;

 private:
  Cuda cuda_;
  Pool* pool_;
};

}  // namespace stroma::kernels
