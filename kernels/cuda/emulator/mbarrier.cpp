#include "kernels/cuda/emulator/mbarrier.h"

#include <bit>
#include <cstring>
#include <string>
#include <vector>

#include "kernels/cuda/emulator/scheduler.h"

namespace stroma::emulator {
namespace {

/// What lies in the 8 bytes of a barrier.
struct State {
  int32_t bytes;  // still to come in this phase; below 0 where they came before they were expected
  uint8_t missing;      // arrivals in this phase
  uint8_t arrivals;     // of a phase; a chip counts further
  uint8_t parity;       // of this phase
  uint8_t initialised;  // to this value
};
constexpr uint8_t initialised = 0x5A;

/// What a thread calls, for messages.
struct Call {
  const char* operation;
  Site site;

  [[noreturn]] void refuse(const std::string& why) const {
    fail("calls " + std::string(operation) + " (" + to_string(site) + "), but " + why);
  }
};

/// The block of the cluster that has the `bytes` bytes in its shared memory, which is still there.
Block& owner(const void* address, std::size_t bytes, const Call& call) {
  const Cluster& cluster = *current->block->cluster;
  for (unsigned b = 0; b < cluster.size; ++b) {
    SharedMemory& shared = *cluster.blocks[b].shared;
    const auto* first = static_cast<const std::byte*>(address);
    if (!shared.near(address)) continue;
    if (shared.closed()) call.refuse("block " + std::to_string(b) + " of the cluster has ended");
    if (first < shared.data() || first + bytes > shared.data() + shared.size()) break;
    return cluster.blocks[b];
  }
  call.refuse("the address is not in the cluster's shared memory");
}

/// The current block, if the barrier is its own.
Block& own_block(const uint64_t* barrier, const Call& call) {
  Block& block = owner(barrier, sizeof *barrier, call);
  if (&block != current->block) call.refuse("the barrier is another block's");
  if (reinterpret_cast<std::uintptr_t>(barrier) % sizeof *barrier != 0) {
    call.refuse("the barrier's address is not a multiple of 8");
  }
  return block;
}

State load(const uint64_t* barrier, const Call& call) {
  const auto state = std::bit_cast<State>(*barrier);
  if (state.initialised != initialised) call.refuse("nobody has called mbarrier_init");
  return state;
}

void store_now(const AsyncStore& store) {
  std::memcpy(store.target, store.value, sizeof store.value);
  owner(store.target, sizeof store.value, {"st_async", {}})
      .shared->set_written(store.target, sizeof store.value);
}

/// Writes the state back; where nothing is missing, the next phase begins.
void update(uint64_t* barrier, State state) {
  if (state.missing == 0 && state.bytes == 0) {
    state.parity ^= 1;
    state.missing = state.arrivals;
    std::vector<AsyncStore>& stores = current->block->cluster->stores;
    for (const AsyncStore& store : stores) {
      if (store.barrier == barrier) store_now(store);
    }
    std::erase_if(stores, [barrier](const AsyncStore& store) { return store.barrier == barrier; });
  }
  *barrier = std::bit_cast<uint64_t>(state);
  Scheduler::of_this_host_thread().note_progress();
}

}  // namespace

void mbarrier_init(uint64_t* barrier, uint32_t arrivals, Site site) {
  const InEmulator in_emulator;
  const Call call{"mbarrier_init", site};
  own_block(barrier, call).shared->set_written(barrier, sizeof *barrier);
  const auto count = static_cast<uint8_t>(arrivals);
  if (count != arrivals) call.refuse("more than 255 arrivals are not emulated");
  *barrier = std::bit_cast<uint64_t>(State{0, count, count, 0, initialised});
}

void mbarrier_arrive_expect_tx(uint64_t* barrier, uint32_t bytes, Site site) {
  const InEmulator in_emulator;
  const Call call{"mbarrier_arrive_expect_tx", site};
  own_block(barrier, call);
  State state = load(barrier, call);
  if (state.missing == 0) call.refuse("all have arrived in this phase");
  state.bytes += static_cast<int32_t>(bytes);
  --state.missing;
  update(barrier, state);
}

bool mbarrier_try_wait_parity(uint64_t* barrier, uint32_t parity, Site site) {
  const InEmulator in_emulator;
  const Call call{"mbarrier_try_wait_parity", site};
  own_block(barrier, call);
  const auto complete = [&] { return load(barrier, call).parity != parity; };
  if (complete()) return true;
  Scheduler::of_this_host_thread().yield();
  return complete();
}

void st_async(void* target, const void* value, uint64_t* barrier, Site site) {
  const InEmulator in_emulator;
  const Call call{"st_async", site};
  AsyncStore store{static_cast<std::byte*>(target), {}, barrier};
  std::memcpy(store.value, value, sizeof store.value);
  if (&owner(target, sizeof store.value, call) != &owner(barrier, sizeof *barrier, call)) {
    call.refuse("the barrier is another block's than the address");
  }
  if (reinterpret_cast<std::uintptr_t>(target) % sizeof store.value != 0) {
    call.refuse("the address is not a multiple of " + std::to_string(sizeof store.value));
  }
  State state = load(barrier, call);
  if (Scheduler::of_this_host_thread().toss()) {
    store_now(store);
  } else {
    current->block->cluster->stores.push_back(store);
  }
  state.bytes -= static_cast<int32_t>(sizeof store.value);
  update(barrier, state);
}

}  // namespace stroma::emulator
