#include "kernels/cuda/emulator/checker.h"

#if STROMA_CHECK_KERNELS

#include <algorithm>
#include <cstdlib>
#include <string>

#include "kernels/cuda/emulator/describe.h"
#include "kernels/cuda/emulator/sanitizer.h"
#include "kernels/cuda/emulator/scheduler.h"
#include "kernels/error.h"

extern "C" {
extern char __executable_start;  // the program's code and static data, by the linker
extern char end;
}

namespace stroma::emulator {

void join_clocks(Thread* warp, uint32_t mask) {
  LaneClock all{};
  for (int lane = 0; lane < 32; ++lane) {
    if ((mask >> lane & 1) == 0) continue;
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = std::max(all[i], warp[lane].clock[i]);
  }
  for (int lane = 0; lane < 32; ++lane) {
    if ((mask >> lane & 1) == 0) continue;
    warp[lane].clock = all;
    ++warp[lane].clock[static_cast<std::size_t>(lane)];
  }
}

namespace {

/// "file.cu:12" of an address in the program, where the sanitizer's runtime can tell.
std::string source_of(const void* place) {
#if defined(__SANITIZE_ADDRESS__)
  char text[512];
  // The address is the one that the call returns to.
  __sanitizer_symbolize_pc(const_cast<std::byte*>(static_cast<const std::byte*>(place) - 1),
                           "%s:%l", text, sizeof text);
  const std::string path = text;
  return path.substr(path.rfind('/') + 1);
#else
  (void)place;
  return "no line known";
#endif
}

/// The current thread is at fault. It stops when the check returns.
void report(const std::string& what, const void* place, const void* other_place = nullptr) {
  Scheduler& scheduler = Scheduler::of_this_host_thread();
  const std::string thread = describe(*scheduler.grid(), *current);
  scheduler.accuse([text = thread + ": " + what, place, other_place] {
    const std::string other =
        other_place == nullptr ? "" : "; the other at " + source_of(other_place);
    return Error(text + " (" + source_of(place) + other + ")");
  });
}

std::string verb(AccessKind kind, std::size_t bytes) {
  return (kind == AccessKind::read ? "reads " : "writes ") + std::to_string(bytes) + " bytes";
}

uint32_t cluster_phase(const Thread& thread) {
  return thread.block->cluster->barrier.phase +
         Scheduler::of_this_host_thread().grid_barrier().phase;
}

/// Whether what `before` did is known to be done when the current thread goes on.
bool ordered(const Access& before, const Access& now) {
  const Thread& first = *before.thread;
  const Thread& second = *now.thread;
  if (&first == &second) return true;
  if (first.block != second.block) return before.cluster_phase != now.cluster_phase;
  if (before.block_phase != now.block_phase) return true;
  return first.rank / 32 == second.rank / 32 && second.clock[first.rank % 32] >= before.lane_clock;
}

void report_race(const Access& before, const char* did, const Access& now, AccessKind kind,
                 std::size_t offset) {
  std::string other = "thread " + to_string(before.thread->index);
  if (before.thread->block != now.thread->block) {
    other += " of block " + to_string(before.thread->block->index);
  }
  report(std::string(kind == AccessKind::read ? "reads" : "writes") + " byte " +
             std::to_string(offset) + " of the shared memory, which " + other + " " + did +
             " with no barrier in between",
         now.place, before.place);
}

void check_shared(const Block& owner, const std::byte* address, std::size_t bytes, AccessKind kind,
                  const void* place) {
  SharedMemory& shared = *owner.shared;
  const std::ptrdiff_t signed_offset = address - shared.data();
  const auto offset = static_cast<std::size_t>(signed_offset);
  const auto where = [&] {
    std::string text = ", at byte " + std::to_string(signed_offset) + " of the " +
                       std::to_string(shared.size()) + " bytes of shared memory";
    if (&owner != current->block) text += " of block " + to_string(owner.index);
    return text;
  };
  if (shared.closed()) {
    return report(verb(kind, bytes) + where() + ", which has ended", place);
  }
  if (signed_offset < 0 || offset + bytes > shared.size()) {
    return report(verb(kind, bytes) + where(), place);
  }
  SharedShadow& shadow = shared.shadow();
  const auto first = shadow.written.begin() + signed_offset;
  if (kind == AccessKind::write) {
    std::fill_n(first, bytes, uint8_t{1});
  } else if (std::find(first, first + static_cast<std::ptrdiff_t>(bytes), 0) !=
             first + static_cast<std::ptrdiff_t>(bytes)) {
    return report(verb(kind, bytes) + where() + ", that no thread has written", place);
  }
  if (kind == AccessKind::atomic || bytes < 4) return;  // a word may be shared by bytes
  const Thread& self = *current;
  const uint32_t phase = cluster_phase(self);
  const Access now{&self, self.block->barrier.phase + phase, phase, self.clock[self.rank % 32],
                   place};
  for (std::size_t word = offset / 4; word * 4 < offset + bytes; ++word) {
    Access& write = shadow.write[word];
    Access& read = shadow.read[word];
    if (write.thread != nullptr && !ordered(write, now)) {
      return report_race(write, "has written", now, kind, word * 4);
    }
    if (kind == AccessKind::write) {
      if (read.thread != nullptr && !ordered(read, now)) {
        return report_race(read, "has read", now, kind, word * 4);
      }
      write = now;
    } else {
      read = now;
    }
  }
}

/// The block of the address; the last few are looked at first.
DeviceBlock* device_block(const void* address) {
  // Ranges are copied: another host thread may free a block that this one no longer uses.
  struct Known {
    const void *first, *end;
    DeviceBlock* block;
  };
  static thread_local std::array<Known, 4> recent{};
  static thread_local std::size_t oldest = 0;
  static thread_local uint64_t freed = 0;
  if (freed != freed_blocks()) {
    recent.fill({});
    freed = freed_blocks();
  }
  for (const Known& known : recent) {
    if (address >= known.first && address < known.end) return known.block;
  }
  DeviceBlock* block = find_block(address);
  if (block != nullptr) {
    recent[oldest++ % recent.size()] = {block->first, block->first + block->bytes, block};
  }
  return block;
}

void check_global(DeviceBlock& block, const std::byte* address, std::size_t bytes, AccessKind kind,
                  const void* place) {
  const auto offset = static_cast<std::size_t>(address - block.first);
  const auto where = [&] {
    return ", at byte " + std::to_string(offset) + " of a device block of " +
           std::to_string(block.bytes);
  };
  if (offset + bytes > block.bytes) return report(verb(kind, bytes) + where(), place);
  uint8_t* first = block.written.data() + offset;
  if (kind == AccessKind::write) {
    std::fill_n(first, bytes, uint8_t{1});
  } else if (std::find(first, first + bytes, 0) != first + bytes) {
    report(verb(kind, bytes) + where() + ", that nobody has written", place);
  }
}

/// What a kernel may touch of the host, besides its stack: constants, arguments and the emulator.
bool allowed_on_host(const std::byte* address) {
  const auto inside = [address](const void* first, std::size_t bytes) {
    return address >= first && address < static_cast<const std::byte*>(first) + bytes;
  };
  const Scheduler& scheduler = Scheduler::of_this_host_thread();
  if (scheduler.owns(address)) return true;
  const Grid& grid = *scheduler.grid();
  if (inside(grid.arguments.get(), grid.argument_bytes)) return true;
  if (inside(&__executable_start, static_cast<std::size_t>(&end - &__executable_start)))
    return true;
  // threadIdx and the like, of this host thread
  const auto distance =
      reinterpret_cast<std::intptr_t>(address) - reinterpret_cast<std::intptr_t>(&current);
  return std::abs(distance) < 4096;
}

void check(const std::byte* first, std::size_t bytes, AccessKind kind, const void* place) {
  if (current->fiber->on_stack(first)) return;  // the thread's own variables, by far the most
  const Cluster& cluster = *current->block->cluster;
  for (unsigned b = 0; b < cluster.size; ++b) {
    if (cluster.blocks[b].shared->near(first)) {
      return check_shared(cluster.blocks[b], first, bytes, kind, place);
    }
  }
  if (DeviceBlock* block = device_block(first)) {
    return check_global(*block, first, bytes, kind, place);
  }
  if (allowed_on_host(first)) return;
  std::string what = verb(kind, bytes) + " of memory that is not the device's";
  const auto over = overrun(first);
  if (over && over->behind < (std::size_t{1} << 20)) {
    what += ", " + std::to_string(over->behind) + " bytes behind a device block of " +
            std::to_string(over->block_bytes);
  }
  report(what, place);
}

}  // namespace

void check_access(const void* address, std::size_t bytes, AccessKind kind, const void* place) {
  if (current == nullptr || !current->in_kernel || bytes == 0) return;
  {
    const InEmulator in_emulator;
    check(static_cast<const std::byte*>(address), bytes, kind, place);
  }
  // The compiler does not expect exceptions out of a load or store, so a thread at fault is left
  // where it is, for good; nothing on its stack may need to be destroyed.
  Scheduler& scheduler = Scheduler::of_this_host_thread();
  if (scheduler.accused()) scheduler.abandon();
}

}  // namespace stroma::emulator

// What the compiler calls before each load and store (-fsanitize=kernel-address, with no checks of
// its own inlined).
#define STROMA_ACCESSES_OF(bytes)                                                 \
  extern "C" void __asan_load##bytes##_noabort(const void* address) {             \
    using namespace stroma::emulator;                                             \
    check_access(address, bytes, AccessKind::read, __builtin_return_address(0));  \
  }                                                                               \
  extern "C" void __asan_store##bytes##_noabort(const void* address) {            \
    using namespace stroma::emulator;                                             \
    check_access(address, bytes, AccessKind::write, __builtin_return_address(0)); \
  }
STROMA_ACCESSES_OF(1)
STROMA_ACCESSES_OF(2)
STROMA_ACCESSES_OF(4)
STROMA_ACCESSES_OF(8)
STROMA_ACCESSES_OF(16)
extern "C" void __asan_loadN_noabort(const void* address, std::size_t bytes) {
  using namespace stroma::emulator;
  check_access(address, bytes, AccessKind::read, __builtin_return_address(0));
}
extern "C" void __asan_storeN_noabort(const void* address, std::size_t bytes) {
  using namespace stroma::emulator;
  check_access(address, bytes, AccessKind::write, __builtin_return_address(0));
}
#endif
