// Asynchronous copies from global to shared memory (<cuda_pipeline.h>). They are carried out when
// they are waited for, so that a kernel that forgets to wait reads memory never written.
#pragma once

#include <cstddef>
#include <deque>

// NOLINTBEGIN(readability-identifier-naming,bugprone-reserved-identifier): the names are CUDA's.

namespace stroma::emulator {

struct AsyncCopy {
  std::byte* target;
  const std::byte* source;
  std::size_t copied, zeroed;
  unsigned group;
  const void* place;  // in the program
};

/// Of one thread.
struct AsyncCopies {
  std::deque<AsyncCopy> pending;
  unsigned group = 0;  // that is being filled
};

}  // namespace stroma::emulator

/// Copies the first size − zfill bytes, and writes zeros over the rest; size in {4, 8, 16}.
void __pipeline_memcpy_async(void* shared, const void* global, std::size_t size,
                             std::size_t zfill = 0);
void __pipeline_commit();
/// Waits until all but the last `newest` committed groups have arrived.
void __pipeline_wait_prior(std::size_t newest);

// NOLINTEND(readability-identifier-naming,bugprone-reserved-identifier)
