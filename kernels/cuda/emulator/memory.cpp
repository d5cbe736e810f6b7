#include "kernels/cuda/emulator/memory.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>

#include "kernels/cuda/emulator/chip.h"
#include "kernels/cuda/emulator/stream.h"

namespace stroma::emulator {
namespace {

struct Memory {
  std::mutex mutex;
  std::map<const std::byte*, DeviceBlock> blocks;
  std::size_t used = 0;
  // A machine without a GPU has less memory than one.
  std::size_t limit =
      std::min(chip::global_bytes, static_cast<std::size_t>(sysconf(_SC_PHYS_PAGES)) *
                                       static_cast<std::size_t>(sysconf(_SC_PAGESIZE)) / 2);
  std::atomic<uint64_t> freed = 0;
};

Memory& memory() {
  static Memory& instance = *new Memory;
  return instance;
}

/// The last block that begins at the address or before it, or nullptr. Called under the lock.
DeviceBlock* last_before(const void* address) {
  auto block = memory().blocks.upper_bound(static_cast<const std::byte*>(address));
  return block == memory().blocks.begin() ? nullptr : &std::prev(block)->second;
}

/// Whether the range begins in a device block, and reaches beyond it.
struct Place {
  DeviceBlock* block;
  bool overruns;
};

Place place_of(const void* first, std::size_t bytes) {
  DeviceBlock* block = find_block(first);
  if (block == nullptr) return {nullptr, false};
  const auto* address = static_cast<const std::byte*>(first);
  return {block, bytes > static_cast<std::size_t>(block->first + block->bytes - address)};
}

cudaError_t check_copy(void* target, const void* source, std::size_t bytes, cudaMemcpyKind kind) {
  const Place to = place_of(target, bytes), from = place_of(source, bytes);
  if (to.overruns || from.overruns) return cudaErrorInvalidValue;
  const bool to_device = kind == cudaMemcpyHostToDevice || kind == cudaMemcpyDeviceToDevice;
  const bool from_device = kind == cudaMemcpyDeviceToHost || kind == cudaMemcpyDeviceToDevice;
  if (kind != cudaMemcpyDefault &&
      (to_device != (to.block != nullptr) || from_device != (from.block != nullptr))) {
    return cudaErrorInvalidValue;
  }
  return cudaSuccess;
}

/// The target's bytes are as much written as the source's.
void copy_written(const void* target, const void* source, std::size_t bytes) {
  if (!checks_kernels) return;
  DeviceBlock* to = find_block(target);
  DeviceBlock* from = find_block(source);
  if (to == nullptr) return;
  const auto at = to->written.begin() + (static_cast<const std::byte*>(target) - to->first);
  if (from == nullptr) {
    std::fill_n(at, bytes, uint8_t{1});
  } else {
    std::copy_n(from->written.begin() + (static_cast<const std::byte*>(source) - from->first),
                bytes, at);
  }
}

}  // namespace

DeviceBlock* find_block(const void* address) {
  const std::lock_guard lock(memory().mutex);  // another host thread may free the one before
  DeviceBlock* block = last_before(address);
  return block != nullptr && block->contains(address) ? block : nullptr;
}

std::optional<Overrun> overrun(const void* address) {
  const std::lock_guard lock(memory().mutex);
  const DeviceBlock* block = last_before(address);
  if (block == nullptr || block->contains(address)) return std::nullopt;
  const auto* end = block->first + block->bytes;
  return Overrun{block->bytes,
                 static_cast<std::size_t>(static_cast<const std::byte*>(address) - end)};
}

uint64_t freed_blocks() { return memory().freed; }

void mark_written(const void* first, std::size_t bytes) {
  if (!checks_kernels) return;
  DeviceBlock* block = find_block(first);
  if (block == nullptr) return;
  const auto offset = static_cast<std::size_t>(static_cast<const std::byte*>(first) - block->first);
  std::fill_n(block->written.begin() + static_cast<std::ptrdiff_t>(offset),
              std::min(bytes, block->bytes - offset), uint8_t{1});
}

void limit_memory(std::size_t bytes) { memory().limit = bytes; }
std::size_t memory_limit() { return memory().limit; }
std::size_t memory_in_use() { return memory().used; }

}  // namespace stroma::emulator

using stroma::emulator::checks_kernels;
using stroma::emulator::enqueue;
using stroma::emulator::forbid_in_capture;
using stroma::emulator::memory;
using stroma::emulator::remember;

cudaError_t cudaMalloc(void** block, std::size_t bytes) {
  *block = nullptr;
  if (const cudaError_t error = forbid_in_capture()) return error;
  if (bytes == 0) return cudaSuccess;
  const std::lock_guard lock(memory().mutex);
  if (bytes > memory().limit - std::min(memory().used, memory().limit)) {
    return remember(cudaErrorMemoryAllocation);
  }
  if (posix_memalign(block, 256, bytes) != 0) return remember(cudaErrorMemoryAllocation);
  std::memset(*block, 0xFF, bytes);  // never written: NaN as float, −1 as integer
  auto* first = static_cast<std::byte*>(*block);
  memory().blocks[first] = {first, bytes, std::vector<uint8_t>(checks_kernels ? bytes : 0)};
  memory().used += bytes;
  return cudaSuccess;
}

cudaError_t cudaFree(void* block) {
  if (block == nullptr) return cudaSuccess;
  if (const cudaError_t error = forbid_in_capture()) return error;
  const std::lock_guard lock(memory().mutex);
  const auto known = memory().blocks.find(static_cast<std::byte*>(block));
  if (known == memory().blocks.end()) return remember(cudaErrorInvalidValue);
  memory().used -= known->second.bytes;
  memory().blocks.erase(known);
  ++memory().freed;
  std::free(block);
  return cudaSuccess;
}

cudaError_t cudaMallocHost(void** block, std::size_t bytes) {
  *block = std::malloc(bytes);
  return *block != nullptr ? cudaSuccess : remember(cudaErrorMemoryAllocation);
}
cudaError_t cudaFreeHost(void* block) {
  std::free(block);
  return cudaSuccess;
}

cudaError_t cudaPointerGetAttributes(cudaPointerAttributes* attributes, const void* address) {
  *attributes = {};
  if (stroma::emulator::find_block(address) != nullptr) {
    attributes->type = cudaMemoryTypeDevice;
    attributes->devicePointer = const_cast<void*>(address);
  }
  return cudaSuccess;
}

cudaError_t cudaMemGetInfo(std::size_t* free, std::size_t* total) {
  *total = memory().limit;
  *free = memory().limit - std::min(memory().used, memory().limit);
  return cudaSuccess;
}

cudaError_t cudaMemcpyAsync(void* target, const void* source, std::size_t bytes,
                            cudaMemcpyKind kind, cudaStream_t stream) {
  if (bytes == 0) return cudaSuccess;
  const cudaError_t error = stroma::emulator::check_copy(target, source, bytes, kind);
  if (error != cudaSuccess) return remember(error);
  return enqueue(stream, [=] {
    std::memmove(target, source, bytes);
    stroma::emulator::copy_written(target, source, bytes);
  });
}
cudaError_t cudaMemcpy(void* target, const void* source, std::size_t bytes, cudaMemcpyKind kind) {
  if (const cudaError_t error = forbid_in_capture()) return error;
  return cudaMemcpyAsync(target, source, bytes, kind, nullptr);
}

cudaError_t cudaMemsetAsync(void* target, int value, std::size_t bytes, cudaStream_t stream) {
  if (bytes == 0) return cudaSuccess;
  const auto place = stroma::emulator::place_of(target, bytes);
  if (place.block == nullptr || place.overruns) return remember(cudaErrorInvalidValue);
  return enqueue(stream, [=] {
    std::memset(target, value, bytes);
    stroma::emulator::mark_written(target, bytes);
  });
}
cudaError_t cudaMemset(void* target, int value, std::size_t bytes) {
  if (const cudaError_t error = forbid_in_capture()) return error;
  return cudaMemsetAsync(target, value, bytes, nullptr);
}
