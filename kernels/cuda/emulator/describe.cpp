// What the emulator's messages say.
#include "kernels/cuda/emulator/describe.h"

#include <algorithm>
#include <cstdio>

#include "kernels/cuda/emulator/sanitizer.h"
#include "kernels/cuda/emulator/scheduler.h"
#include "kernels/error.h"

namespace stroma::emulator {

std::string to_string(const uint3& index) {
  char text[40];
  std::snprintf(text, sizeof text, "(%u,%u,%u)", index.x, index.y, index.z);
  return text;
}

std::string to_string(const dim3& extent) { return to_string(uint3{extent.x, extent.y, extent.z}); }

std::string hexadecimal(uint32_t mask) {
  char text[16];
  std::snprintf(text, sizeof text, "0x%08x", mask);
  return text;
}

std::string describe(const Grid& grid, const Thread& thread) {
  return "kernel " + grid.kernel + ", block " + to_string(thread.block->index) + ", thread " +
         to_string(thread.index);
}

void fail(const std::string& what) {
  throw Error(describe(*Scheduler::of_this_host_thread().grid(), *current) + ": " + what);
}

void fail_tiles(unsigned threads, unsigned size) {
  const InEmulator in_emulator;
  fail("a block of " + std::to_string(threads) + " threads does not divide into tiles of " +
       std::to_string(size));
}

namespace {

/// The thread that `waiting` waits for.
const Thread& missing(const Thread& waiting) {
  if (waiting.barrier == nullptr) {
    const Thread* warp = &waiting - waiting.rank % 32;
    return *std::find_if(warp, warp + 32, [&](const Thread& lane) {
      return (waiting.lanes >> (lane.rank % 32) & 1) != 0 &&
             (lane.state != Thread::State::waiting || lane.barrier != nullptr ||
              lane.lanes != waiting.lanes);
    });
  }
  const Barrier& barrier = *waiting.barrier;
  return *std::find_if(barrier.members, barrier.members + barrier.expected, [&](const Thread& t) {
    return t.arrivals[static_cast<int>(barrier.level)] == barrier.phase;
  });
}

std::string place(const Thread& thread) {
  return std::string(thread.operation) + " (" + to_string(thread.site) + ")";
}

}  // namespace

std::string describe_standstill(const Grid& grid, const std::vector<Thread>& threads) {
  // A thread that has ended explains more than one that waits in its turn.
  const Thread* waiting = nullptr;
  for (const Thread& thread : threads) {
    if (thread.state != Thread::State::waiting) continue;
    const bool clear = missing(thread).state == Thread::State::ended;
    if (waiting == nullptr || clear) waiting = &thread;
    if (clear) break;
  }
  const Thread& other = missing(*waiting);
  std::string text = describe(grid, *waiting) + ": waits at " + place(*waiting) + " for thread " +
                     to_string(other.index);
  if (other.block != waiting->block) text += " of block " + to_string(other.block->index);
  return text + (other.state == Thread::State::ended ? ", which has ended"
                                                     : ", which waits at " + place(other));
}

}  // namespace stroma::emulator

#if defined(__SANITIZE_ADDRESS__)
/// Called by AddressSanitizer before it prints a report.
extern "C" void __asan_on_error() {
  using namespace stroma::emulator;
  if (current == nullptr) return;
  const Grid& grid = *Scheduler::of_this_host_thread().grid();
  const void* address = __asan_get_report_address();
  std::string where = "not in shared memory";
  Cluster& cluster = *current->block->cluster;
  for (unsigned b = 0; b < cluster.size; ++b) {
    const SharedMemory& shared = *cluster.blocks[b].shared;
    if (shared.near(address)) {
      where = "at byte " + std::to_string(static_cast<const std::byte*>(address) - shared.data()) +
              " of the " + std::to_string(shared.size()) + " bytes of shared memory of block " +
              to_string(cluster.blocks[b].index);
    }
  }
  std::fprintf(stderr, "%s: forbidden %s of %zu bytes, %s\n", describe(grid, *current).c_str(),
               __asan_get_report_access_type() != 0 ? "write" : "read",
               __asan_get_report_access_size(), where.c_str());
}
#endif
