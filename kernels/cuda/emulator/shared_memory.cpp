#include "kernels/cuda/emulator/shared_memory.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>

#include "kernels/cuda/emulator/chip.h"
#include "kernels/cuda/emulator/sanitizer.h"
#include "kernels/cuda/emulator/scheduler.h"

namespace stroma::emulator {
namespace {

constexpr std::size_t guard = 1024;  // also the alignment: what the largest bulk copies ask for
constexpr std::size_t arena_bytes = guard + chip::shared_on_request + guard;
constexpr std::size_t checked = 64;  // bytes of a guard that are looked at without AddressSanitizer
constexpr int never_written = 0xFF;
constexpr unsigned char guard_byte = 0xA5;

bool all_guard(const std::byte* first) {
  return std::all_of(first, first + checked,
                     [](std::byte b) { return b == std::byte{guard_byte}; });
}

}  // namespace

SharedMemory::SharedMemory()
    : arena_(static_cast<std::byte*>(std::aligned_alloc(guard, arena_bytes))),
      data_(arena_ + guard) {
  if (arena_ == nullptr) throw std::bad_alloc();
}

SharedMemory::~SharedMemory() { std::free(arena_); }

void SharedMemory::open(std::size_t bytes) {
  bytes_ = bytes;
  unpoison(arena_, arena_bytes);
  std::memset(data_ - checked, guard_byte, checked);
  std::memset(data_, never_written, bytes);
  std::memset(data_ + bytes, guard_byte, checked);
  poison(arena_, arena_bytes);
  unpoison(data_, bytes);
  closed_ = false;
  shadow_.clear(bytes);
}

void SharedMemory::close() {
  std::memset(data_, never_written, bytes_);
  poison(data_, bytes_);
  closed_ = true;
}

bool SharedMemory::intact() const {
  if (address_sanitizer || closed_) return true;  // it has looked at every access
  return all_guard(data_ - checked) && all_guard(data_ + bytes_);
}

void SharedMemory::set_written(const void* first, std::size_t bytes) {
  if (!checks_kernels) return;
  const auto offset = static_cast<const std::byte*>(first) - data_;
  const auto words = static_cast<std::ptrdiff_t>(bytes / 4);
  std::fill_n(shadow_.written.begin() + offset, bytes, uint8_t{1});
  std::fill_n(shadow_.write.begin() + offset / 4, words, Access{});
  std::fill_n(shadow_.read.begin() + offset / 4, words, Access{});
}

bool SharedMemory::near(const void* address) const {
  return address >= arena_ && address < arena_ + arena_bytes;
}

void* shared_memory(std::size_t bytes) {
  const InEmulator in_emulator;
  const SharedMemory& shared = *current->block->shared;
  if (bytes > shared.size()) {
    fail("the kernel uses " + std::to_string(bytes) +
         " bytes of shared memory, but was launched with " + std::to_string(shared.size()));
  }
  return shared.data();
}

void* map_shared(const void* address, int rank) {
  const InEmulator in_emulator;
  const Cluster& cluster = *current->block->cluster;
  const SharedMemory& mine = *current->block->shared;
  if (!mine.near(address)) fail("map_shared_rank of an address outside its block's shared memory");
  if (rank < 0 || static_cast<unsigned>(rank) >= cluster.size) {
    fail("map_shared_rank of block " + std::to_string(rank) + " in a cluster of " +
         std::to_string(cluster.size));
  }
  return cluster.blocks[rank].shared->data() +
         (static_cast<const std::byte*>(address) - mine.data());
}

}  // namespace stroma::emulator
