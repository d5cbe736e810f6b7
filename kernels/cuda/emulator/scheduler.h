// Runs the threads of a launch, each until it waits for others or ends. Threads that never wait run
// one after the other on one fiber; a thread that waits keeps its fiber until it is released.
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "kernels/cuda/emulator/fiber.h"
#include "kernels/cuda/emulator/shared_memory.h"
#include "kernels/cuda/emulator/site.h"
#include "kernels/cuda/emulator/types.h"
#include "kernels/error.h"

namespace stroma::emulator {

struct AsyncCopies;
struct Block;
struct Thread;

/// One launch.
struct Grid {
  std::string kernel;
  dim3 blocks, threads;  // of the grid; of a block
  unsigned cluster = 1;  // blocks of a cluster, along x
  bool cooperative = false;
  std::size_t shared_bytes = 0;
  Site site;
  void (*call)(const void* arguments) = nullptr;  // the kernel
  std::shared_ptr<const void> arguments;
  std::size_t argument_bytes = 0;
  uint64_t seed = 0;  // of the order of threads and blocks; 0: as numbered
};

enum class Level : uint8_t { block, cluster, grid };

/// Where all threads of a block, cluster or grid meet.
struct Barrier {
  Level level = Level::block;
  Thread* members = nullptr;  // [expected]
  unsigned expected = 0, arrived = 0, phase = 0;
  const Thread* first = nullptr;  // to arrive in this phase, at what and where:
  const char* operation = "";
  Site site;
  std::vector<Thread*> waiting;
};

/// What some lanes of a warp do together.
struct WarpOperation {
  uint32_t mask = 0, arrived = 0;  // lanes
  const char* operation = "";
  Site site;
};

/// A store into another block's shared memory that waits for the phase of a barrier there.
struct AsyncStore {
  std::byte* target;
  std::byte value[16];
  const uint64_t* barrier;
};

struct Thread {
  enum class State : uint8_t { ready, waiting, ended };

  uint3 index;    // in the block
  unsigned rank;  // in the block
  Block* block;
  Fiber* fiber;  // nullptr before the start and after the end
  State state;
  unsigned arrivals[3];  // at the barrier of each level, so far

  // What a waiting thread waits for: a barrier, or the lanes of a warp operation.
  const Barrier* barrier;
  uint32_t lanes;
  const char* operation;
  Site site;

  // What a lane brings to a warp operation and takes from it.
  alignas(16) std::byte given[32];
  alignas(16) std::byte taken[32];
  int parameter;

  std::unique_ptr<AsyncCopies> copies;  // asynchronous copies it has begun

  // For the checker:
  bool in_kernel;  // and not in the emulator, whose own loads and stores are none of a kernel's
  LaneClock clock;

  Thread();
  Thread(Thread&&) noexcept;
  ~Thread();
};

struct Cluster {
  Barrier barrier;
  Block* blocks = nullptr;  // [size]
  unsigned size = 1;
  std::vector<AsyncStore> stores;  // on their way
};

struct Block {
  uint3 index{};
  unsigned rank_in_cluster = 0;
  Cluster* cluster = nullptr;
  Thread* threads = nullptr;  // [threads of a block]
  std::unique_ptr<SharedMemory> shared;
  bool started = false;
  unsigned left = 0;  // threads that have not ended
  Barrier barrier;
  std::vector<WarpOperation> operations;  // [warps · 32], by the lowest lane of the mask
};

/// The CUDA thread that runs on this host thread now; nullptr outside kernels.
inline constinit thread_local Thread* current = nullptr;

/// While it lives, the current thread is in the emulator. Every function that kernels call has one.
class InEmulator {
 public:
  InEmulator() : before_(current->in_kernel) { current->in_kernel = false; }
  ~InEmulator() { current->in_kernel = before_; }
  InEmulator(const InEmulator&) = delete;
  InEmulator& operator=(const InEmulator&) = delete;

 private:
  bool before_;
};

/// One for each host thread.
class Scheduler {
 public:
  static Scheduler& of_this_host_thread();
  ~Scheduler();

  /// Runs the blocks first … first + count of the grid, which may wait for each other, to the end.
  /// Throws what a kernel throws, and Error where threads wait for each other in vain.
  void run(const Grid& grid, uint64_t first, unsigned count);

  /// The launch that runs now, or nullptr.
  const Grid* grid() const { return grid_; }
  Barrier& grid_barrier() { return grid_barrier_; }
  /// Whether the address belongs to the scheduler.
  bool owns(const void* address) const;

  /// The current thread is at the barrier: the phase that it has arrived in.
  unsigned arrive(Barrier& barrier, const char* operation, Site site);
  /// The current thread waits until that phase is complete.
  void wait(Barrier& barrier, unsigned phase, const char* operation, Site site);
  void sync(Barrier& barrier, const char* operation, Site site) {
    wait(barrier, arrive(barrier, operation, site), operation, site);
  }
  void sync_grid(Site site);

  /// The lanes in `mask` of the current thread's warp meet; the last to come calls complete(lane 0
  /// of the warp) for all, then all go on.
  template <class Complete>
  void meet(uint32_t mask, const char* operation, Site site, Complete&& complete) {
    if (last_to_meet(mask, operation, site)) {
      complete(current - current->rank % 32);
      release_lanes(mask);
    } else {
      wait_for_lanes(mask, operation, site);
    }
  }

  /// Lets other threads run before this one goes on: what a loop that polls memory must call.
  void yield();
  /// Something has happened that a polling thread may wait for.
  void note_progress() { idle_yields_ = 0; }
  /// As drawn from the seed.
  bool toss();

  /// The current thread has failed where no exception may pass. `why` is called outside of it,
  /// where the stack is large.
  void accuse(std::function<Error()> why) { accusation_ = std::move(why); }
  bool accused() const { return accusation_ != nullptr; }
  /// It never goes on.
  void abandon();

 private:
  Scheduler() = default;
  void prepare(uint64_t first, unsigned count);
  void order(uint64_t first);
  Thread* next();
  void go_on(Thread* thread);
  void fiber_body(Fiber& self);
  void run_thread(Thread& thread);
  void end_of_block(Block& block);
  void suspend();
  void release(Thread& thread);
  void cancel();
  bool last_to_meet(uint32_t mask, const char* operation, Site site);
  void release_lanes(uint32_t mask);
  void wait_for_lanes(uint32_t mask, const char* operation, Site site);

  const Grid* grid_ = nullptr;
  std::vector<Thread> threads_;
  std::vector<Block> blocks_;
  std::vector<Cluster> clusters_;
  Barrier grid_barrier_;
  std::vector<Thread*> ready_;
  std::vector<std::unique_ptr<Fiber>> fibers_;
  std::vector<Fiber*> idle_;
  Thread* start_with_ = nullptr;  // for the idle fiber that is resumed
  Thread* go_on_with_ = nullptr;  // chosen by a fiber, but suspended on another
  std::exception_ptr error_;
  std::function<Error()> accusation_;
  bool cancelled_ = false;
  bool any_order_ = false;  // any ready thread may be the next; else the last that became ready
  uint64_t random_ = 1;
  uint64_t idle_yields_ = 0;  // since anything else happened
};

/// "kernel k, block (0,0,0), thread (1,0,0)".
std::string describe(const Grid& grid, const Thread& thread);

/// Throws Error: "kernel k, block (…), thread (…): what".
[[noreturn]] void fail(const std::string& what);
[[noreturn]] void fail_tiles(unsigned threads, unsigned size);

/// Why no thread of these can go on, for the message: the first that waits, and for whom.
std::string describe_standstill(const Grid& grid, const std::vector<Thread>& threads);

}  // namespace stroma::emulator
