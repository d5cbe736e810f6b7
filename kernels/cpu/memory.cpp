#include "kernels/memory.h"

#include <sys/mman.h>

#include <cstdlib>
#include <cstring>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "kernels/check.h"
#include "kernels/error.h"
#include "kernels/size_class.h"

namespace stroma::kernels {
namespace {

constexpr std::size_t huge_page = std::size_t{2} << 20;
constexpr std::size_t large = 8 * huge_page;

/// Free blocks by size class.
struct Pool {
  std::mutex mutex;
  std::unordered_map<std::size_t, std::vector<void*>> free;
};

// Never destroyed: tensors in static storage may outlive it otherwise.
Pool& pool() {
  static Pool& instance = *new Pool;
  return instance;
}

}  // namespace

void* allocate(const Cpu&, std::size_t bytes) {
  const std::size_t size = size_class(bytes);
  if (reuse_blocks) {
    const std::lock_guard lock(pool().mutex);
    std::vector<void*>& blocks = pool().free[size];
    if (!blocks.empty()) {
      void* block = blocks.back();
      blocks.pop_back();
      return block;
    }
  }
  // Not std::aligned_alloc, which wants a multiple of the alignment.
  void* block = nullptr;
  if (posix_memalign(&block, size < large ? 256 : huge_page, size) != 0) {
    throw Error("out of memory: " + std::to_string(size >> 20) +
                " MiB were asked for; less data or a smaller --batch-size needs less");
  }
  // The k-mers of a genome fill gigabytes: by pages of 4 KiB that takes longer than to count them.
  if (size >= large) (void)madvise(block, size, MADV_HUGEPAGE);
  return block;
}

void release(const Cpu&, void* block, std::size_t bytes) {
  if (!reuse_blocks) return std::free(block);
  const std::lock_guard lock(pool().mutex);
  pool().free[size_class(bytes)].push_back(block);
}

void copy_bytes(const Cpu&, void* target, const void* source, std::size_t bytes) {
  STROMA_ASSERT(apart(static_cast<const char*>(target), static_cast<int64_t>(bytes),
                      static_cast<const char*>(source), static_cast<int64_t>(bytes)),
                "the blocks do not overlap");
  if (bytes > 0) std::memcpy(target, source, bytes);
}

void zero_bytes(const Cpu&, void* target, std::size_t bytes) {
  if (bytes > 0) std::memset(target, 0, bytes);
}

}  // namespace stroma::kernels
