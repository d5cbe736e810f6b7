#include "kernels/cuda/emulator/scheduler.h"

#include <algorithm>
#include <bit>
#include <mutex>
#include <utility>

#include "kernels/cuda/emulator/async_copy.h"
#include "kernels/cuda/emulator/describe.h"
#include "kernels/error.h"

namespace stroma::emulator {
namespace {

/// Unwinds a suspended thread after another has failed.
struct Cancelled {};

/// SplitMix64 (Steele, Lea & Flood 2014).
uint64_t mix(uint64_t x) {
  x += 0x9E3779B97F4A7C15;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
  return x ^ (x >> 31);
}

/// A number under `count`; xorshift64.
std::size_t draw(uint64_t& random, std::size_t count) {
  random ^= random << 13;
  random ^= random >> 7;
  random ^= random << 17;
  return static_cast<std::size_t>(((random >> 32) * count) >> 32);
}

void make_current(Thread& thread) {
  current = &thread;
  threadIdx = thread.index;
  blockIdx = thread.block->index;
}

void open(Barrier& barrier, Level level, Thread* members, unsigned expected) {
  barrier.level = level;
  barrier.members = members;
  barrier.expected = expected;
  barrier.arrived = barrier.phase = 0;
  barrier.waiting.clear();
}

constexpr uint64_t endless = 5'000'000;  // yields without anything else happening

}  // namespace

Thread::Thread() = default;
Thread::Thread(Thread&&) noexcept = default;
Thread::~Thread() = default;

Scheduler& Scheduler::of_this_host_thread() {
  static thread_local Scheduler instance;
  return instance;
}

Scheduler::~Scheduler() {
  start_with_ = nullptr;
  for (Fiber* fiber : idle_) fiber->resume();  // to the end
}

void Scheduler::run(const Grid& grid, uint64_t first, unsigned count) {
  grid_ = &grid;
  gridDim = {grid.blocks.x, grid.blocks.y, grid.blocks.z};
  blockDim = {grid.threads.x, grid.threads.y, grid.threads.z};
  prepare(first, count);
  order(first);
  for (;;) {
    Thread* thread = go_on_with_ != nullptr ? std::exchange(go_on_with_, nullptr) : next();
    if (thread == nullptr) break;
    try {
      go_on(thread);
    } catch (...) {  // no memory for a stack
      error_ = std::current_exception();
    }
    if (accusation_) error_ = std::make_exception_ptr(std::exchange(accusation_, nullptr)());
    if (error_) break;
  }
  current = nullptr;
  const bool standstill = std::any_of(threads_.begin(), threads_.end(), [](const Thread& thread) {
    return thread.state != Thread::State::ended;
  });
  if (!error_ && standstill) {
    error_ = std::make_exception_ptr(Error(describe_standstill(grid, threads_)));
  }
  if (error_) cancel();
  grid_ = nullptr;
  if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
}

/// Lays out threads, blocks, clusters and their barriers.
void Scheduler::prepare(uint64_t first, unsigned count) {
  const dim3& extent = grid_->threads;
  const unsigned block_threads = extent.x * extent.y * extent.z;
  const std::size_t slots = (block_threads + std::size_t{31}) / 32 * 32;
  threads_.resize(std::size_t{count} * block_threads);
  if (blocks_.size() < count) blocks_.resize(count);
  const unsigned cluster_count = count / grid_->cluster;
  if (clusters_.size() < cluster_count) clusters_.resize(cluster_count);

  Thread* thread = threads_.data();
  for (unsigned b = 0; b < count; ++b) {
    Block& block = blocks_[b];
    const uint64_t number = first + b;
    const uint64_t row = number / grid_->blocks.x;
    block.index = {static_cast<unsigned>(number % grid_->blocks.x),
                   static_cast<unsigned>(row % grid_->blocks.y),
                   static_cast<unsigned>(row / grid_->blocks.y)};
    block.rank_in_cluster = b % grid_->cluster;
    block.cluster = &clusters_[b / grid_->cluster];
    block.threads = thread;
    if (block.shared == nullptr) block.shared = std::make_unique<SharedMemory>();
    block.shared->open(grid_->shared_bytes);
    block.started = false;
    block.left = block_threads;
    open(block.barrier, Level::block, thread, block_threads);
    if (block.operations.size() < slots) block.operations.resize(slots);
    unsigned rank = 0;
    for (unsigned z = 0; z < extent.z; ++z) {
      for (unsigned y = 0; y < extent.y; ++y) {
        for (unsigned x = 0; x < extent.x; ++x, ++thread) {
          thread->index = {x, y, z};
          thread->rank = rank++;
          thread->block = &block;
          thread->fiber = nullptr;
          thread->state = Thread::State::ready;
          thread->in_kernel = false;
          thread->copies.reset();
          std::fill_n(thread->arrivals, 3, 0u);
          thread->clock.fill(0);
        }
      }
    }
  }
  for (unsigned c = 0; c < cluster_count; ++c) {
    Cluster& cluster = clusters_[c];
    cluster.blocks = &blocks_[std::size_t{c} * grid_->cluster];
    cluster.size = grid_->cluster;
    cluster.stores.clear();
    open(cluster.barrier, Level::cluster, cluster.blocks[0].threads,
         grid_->cluster * block_threads);
  }
  open(grid_barrier_, Level::grid, threads_.data(), static_cast<unsigned>(threads_.size()));
}

/// All threads become ready. With a seed, half of the block groups run in any order at each turn,
/// and half let a thread and whom it releases run ahead as far as they can.
void Scheduler::order(uint64_t first) {
  ready_.resize(threads_.size());
  for (std::size_t i = 0; i < threads_.size(); ++i) ready_[i] = &threads_[threads_.size() - 1 - i];
  idle_yields_ = 0;
  any_order_ = false;
  random_ = mix(grid_->seed + mix(first)) | 1;
  if (grid_->seed == 0) return;
  any_order_ = draw(random_, 2) == 0;
  if (any_order_) return;
  for (std::size_t i = ready_.size(); i > 1; --i)
    std::swap(ready_[i - 1], ready_[draw(random_, i)]);
}

Thread* Scheduler::next() {
  if (ready_.empty()) return nullptr;
  if (any_order_) std::swap(ready_.back(), ready_[draw(random_, ready_.size())]);
  Thread* thread = ready_.back();
  ready_.pop_back();
  return thread;
}

void Scheduler::go_on(Thread* thread) {
  if (thread->fiber == nullptr) {
    if (idle_.empty()) {
      fibers_.push_back(std::make_unique<Fiber>([this](Fiber& self) { fiber_body(self); }));
      idle_.push_back(fibers_.back().get());
    }
    thread->fiber = idle_.back();
    idle_.pop_back();
    start_with_ = thread;
  } else {
    make_current(*thread);
  }
  thread->fiber->resume();
}

/// A fiber runs the thread it was resumed for, and then others that have not started, until the
/// next in turn is one that is suspended on another fiber. It ends when resumed for none.
void Scheduler::fiber_body(Fiber& self) {
  while (Thread* thread = std::exchange(start_with_, nullptr)) {
    while (thread != nullptr) {
      thread->fiber = &self;
      run_thread(*thread);
      thread = error_ || cancelled_ ? nullptr : next();
      if (thread != nullptr && thread->fiber != nullptr) {
        go_on_with_ = std::exchange(thread, nullptr);
      }
    }
    idle_.push_back(&self);
    self.suspend();
  }
}

bool Scheduler::toss() { return draw(random_, 2) == 0; }

void Scheduler::run_thread(Thread& thread) {
  make_current(thread);
  idle_yields_ = 0;
  Block& block = *thread.block;
  try {
    thread.in_kernel = true;
    grid_->call(grid_->arguments.get());
    thread.in_kernel = false;
    if (--block.left == 0) end_of_block(block);
  } catch (const Cancelled&) {
  } catch (...) {
    if (!cancelled_) error_ = std::current_exception();
  }
  thread.in_kernel = false;
  thread.state = Thread::State::ended;
  thread.fiber = nullptr;
  thread.copies.reset();
}

void Scheduler::end_of_block(Block& block) {
  if (!block.shared->intact()) {
    throw Error("kernel " + grid_->kernel + ", block " + to_string(block.index) +
                ": a thread wrote outside the block's " + std::to_string(block.shared->size()) +
                " bytes of shared memory; a build with AddressSanitizer shows which");
  }
  for (const AsyncStore& store : block.cluster->stores) {
    if (!block.shared->near(store.target)) continue;
    throw Error("kernel " + grid_->kernel + ", block " + to_string(block.index) +
                ": has ended, but a store of another block to its shared memory is on its way");
  }
  // Other blocks of the cluster may still look for its memory.
  if (grid_->cluster > 1) block.shared->close();
}

void Scheduler::suspend() {
  Thread* self = current;
  self->fiber->suspend();
  if (cancelled_) throw Cancelled{};
}

void Scheduler::release(Thread& thread) {
  thread.state = Thread::State::ready;
  ready_.push_back(&thread);
}

void Scheduler::cancel() {
  cancelled_ = true;
  go_on_with_ = nullptr;
  ready_.clear();
  for (Thread& thread : threads_) {
    if (thread.fiber != nullptr) go_on(&thread);
  }
  for (Block& block : blocks_) block.operations.clear();
  current = nullptr;
  cancelled_ = false;
}

void Scheduler::yield() {
  const InEmulator in_emulator;
  if (++idle_yields_ > endless) fail("polls memory that nobody writes");
  current->state = Thread::State::ready;
  ready_.insert(ready_.begin(), current);
  suspend();
}

unsigned Scheduler::arrive(Barrier& barrier, const char* operation, Site site) {
  const InEmulator in_emulator;
  Thread& self = *current;
  idle_yields_ = 0;
  const unsigned phase = barrier.phase;
  if (barrier.arrived == 0) {
    barrier.first = &self;
    barrier.operation = operation;
    barrier.site = site;
  } else if (barrier.level == Level::block && !(barrier.site == site)) {
    fail("is at " + std::string(operation) + " (" + to_string(site) + "), but thread " +
         to_string(barrier.first->index) + " of its block is at " + barrier.operation + " (" +
         to_string(barrier.site) + ")");
  }
  unsigned& arrivals = self.arrivals[static_cast<int>(barrier.level)];
  if (arrivals != phase) {
    fail("arrives twice in one phase of a barrier, at " + std::string(operation) + " (" +
         to_string(site) + ")");
  }
  ++arrivals;
  if (++barrier.arrived == barrier.expected) {
    barrier.arrived = 0;
    ++barrier.phase;
    for (auto thread = barrier.waiting.rbegin(); thread != barrier.waiting.rend(); ++thread) {
      release(**thread);
    }
    barrier.waiting.clear();
  }
  return phase;
}

void Scheduler::wait(Barrier& barrier, unsigned phase, const char* operation, Site site) {
  if (barrier.phase != phase) return;
  const InEmulator in_emulator;
  Thread& self = *current;
  self.state = Thread::State::waiting;
  self.barrier = &barrier;
  self.operation = operation;
  self.site = site;
  barrier.waiting.push_back(&self);
  suspend();
}

void Scheduler::abandon() {
  // It cannot be unwound, so it is kept for ever.
  static std::mutex mutex;
  static auto& abandoned = *new std::vector<std::unique_ptr<Fiber>>;

  current->in_kernel = false;
  Fiber* fiber = std::exchange(current->fiber, nullptr);
  const auto own = std::find_if(fibers_.begin(), fibers_.end(),
                                [fiber](const auto& each) { return each.get() == fiber; });
  {
    const std::lock_guard lock(mutex);
    abandoned.push_back(std::move(*own));
  }
  fibers_.erase(own);
  current->state = Thread::State::ended;
  fiber->suspend();
}

bool Scheduler::owns(const void* address) const {
  const auto inside = [address](const void* first, std::size_t bytes) {
    return address >= first && address < static_cast<const std::byte*>(first) + bytes;
  };
  return inside(threads_.data(), threads_.size() * sizeof(Thread)) ||
         inside(blocks_.data(), blocks_.size() * sizeof(Block)) ||
         inside(clusters_.data(), clusters_.size() * sizeof(Cluster)) ||
         inside(this, sizeof(Scheduler)) || inside(grid_, sizeof(Grid));
}

void Scheduler::sync_grid(Site site) {
  const InEmulator in_emulator;
  if (!grid_->cooperative) fail("grid_group::sync needs a cooperative launch");
  sync(grid_barrier_, "grid_group::sync", site);
}

bool Scheduler::last_to_meet(uint32_t mask, const char* operation, Site site) {
  const InEmulator in_emulator;
  const Thread& self = *current;
  const unsigned lane = self.rank % 32, warp = self.rank / 32;
  idle_yields_ = 0;
  if ((mask >> lane & 1) == 0) {
    fail("calls " + std::string(operation) + " (" + to_string(site) + ") for lanes " +
         hexadecimal(mask) + ", of which it is none");
  }
  if (warp * 32 + std::bit_width(mask) > self.block->barrier.expected) {
    fail("calls " + std::string(operation) + " (" + to_string(site) + ") for lanes " +
         hexadecimal(mask) + ", but its block has only " +
         std::to_string(self.block->barrier.expected) + " threads");
  }
  WarpOperation& meeting = self.block->operations[warp * 32 + std::countr_zero(mask)];
  if (meeting.arrived == 0) {
    meeting = {mask, 0, operation, site};
  } else if (meeting.mask != mask || meeting.operation != operation || !(meeting.site == site)) {
    fail("is at " + std::string(operation) + " (" + to_string(site) + ", lanes " +
         hexadecimal(mask) + "), but another lane of its warp is at " + meeting.operation + " (" +
         to_string(meeting.site) + ", lanes " + hexadecimal(meeting.mask) + ")");
  }
  meeting.arrived |= 1u << lane;
  if (meeting.arrived != mask) return false;
  meeting.arrived = 0;
  join_clocks(current - lane, mask);
  return true;
}

void Scheduler::release_lanes(uint32_t mask) {
  const InEmulator in_emulator;
  Thread* warp = current - current->rank % 32;
  mask &= ~(1u << current->rank % 32);
  while (mask != 0) {
    const int lane = std::bit_width(mask) - 1;
    mask &= ~(1u << lane);
    release(warp[lane]);
  }
}

void Scheduler::wait_for_lanes(uint32_t mask, const char* operation, Site site) {
  const InEmulator in_emulator;
  Thread& self = *current;
  self.state = Thread::State::waiting;
  self.barrier = nullptr;
  self.lanes = mask;
  self.operation = operation;
  self.site = site;
  suspend();
}

}  // namespace stroma::emulator
