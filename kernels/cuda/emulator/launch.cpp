#include "kernels/cuda/emulator/launch.h"

#include <omp.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <mutex>

#include "kernels/cuda/emulator/chip.h"
#include "kernels/cuda/emulator/describe.h"
#include "kernels/cuda/emulator/stream.h"
#include "kernels/error.h"

namespace stroma::emulator {
namespace {

std::atomic<uint64_t> seed_now = [] {
  const char* text = std::getenv("STROMA_EMULATOR_SEED");
  return text == nullptr ? uint64_t{1} : std::strtoull(text, nullptr, 10);
}();

uint64_t count_of(const dim3& extent) { return uint64_t{extent.x} * extent.y * extent.z; }

[[noreturn]] void refuse(const Grid& grid, const std::string& what) {
  throw Error("kernel " + grid.kernel + " (" + to_string(grid.site) +
              ") cannot be launched: " + what);
}

bool inside(const dim3& extent, const unsigned (&limit)[3]) {
  return extent.x >= 1 && extent.y >= 1 && extent.z >= 1 && extent.x <= limit[0] &&
         extent.y <= limit[1] && extent.z <= limit[2];
}

void check_limits(const Grid& grid) {
  if (!inside(grid.threads, chip::block_extent) ||
      count_of(grid.threads) > chip::threads_per_block) {
    refuse(grid, "a block of " + to_string(grid.threads) + " threads; the chip allows 1 to " +
                     std::to_string(chip::threads_per_block));
  }
  if (!inside(grid.blocks, chip::grid_extent)) {
    refuse(grid,
           "a grid of " + to_string(grid.blocks) + " blocks; the chip allows 1 to " +
               to_string(dim3(chip::grid_extent[0], chip::grid_extent[1], chip::grid_extent[2])));
  }
  if (grid.shared_bytes > chip::shared_on_request) {
    refuse(grid, std::to_string(grid.shared_bytes) +
                     " bytes of shared memory a block; the chip has " +
                     std::to_string(chip::shared_on_request));
  }
  if (grid.cluster < 1 || grid.cluster > chip::cluster_largest ||
      grid.blocks.x % grid.cluster != 0) {
    refuse(grid, "clusters of " + std::to_string(grid.cluster) + " blocks in a grid of " +
                     to_string(grid.blocks) + "; a cluster has at most " +
                     std::to_string(chip::cluster_largest) + " and must divide the grid's x");
  }
  const int resident = resident_blocks(static_cast<unsigned>(count_of(grid.threads)),
                                       grid.shared_bytes, grid.cluster);
  if (grid.cooperative && count_of(grid.blocks) > static_cast<uint64_t>(resident)) {
    refuse(grid, "a cooperative grid of " + std::to_string(count_of(grid.blocks)) +
                     " blocks; the chip holds " + std::to_string(resident) + " at once");
  }
}

/// Runs groups of blocks that may wait for each other: one block, a cluster, or the whole grid.
void run(const Grid& grid) {
  const uint64_t blocks = count_of(grid.blocks);
  const unsigned together = grid.cooperative ? static_cast<unsigned>(blocks) : grid.cluster;
  const int64_t groups = static_cast<int64_t>(blocks / together);
  // Of several failures the one of the first group is reported, whatever the order.
  std::mutex mutex;
  std::exception_ptr error;
  std::atomic<int64_t> failed = groups;
  const auto run_group = [&](int64_t group) {
    if (group > failed) return;
    try {
      Scheduler::of_this_host_thread().run(grid, static_cast<uint64_t>(group) * together, together);
    } catch (...) {
      const std::lock_guard lock(mutex);
      if (group < failed) {
        failed = group;
        error = std::current_exception();
      }
    }
  };
  const bool parallel = groups > 1 && blocks * count_of(grid.threads) >= 4096;
  const bool backwards = grid.seed % 2 == 1;
#pragma omp parallel for schedule(dynamic) if (parallel)
  for (int64_t i = 0; i < groups; ++i) run_group(backwards ? groups - 1 - i : i);
  if (error) std::rethrow_exception(error);
}

}  // namespace

int resident_blocks(unsigned block_threads, std::size_t shared_bytes, unsigned cluster) {
  if (block_threads < 1 || block_threads > chip::threads_per_block ||
      shared_bytes > chip::shared_on_request || cluster > chip::cluster_largest) {
    return 0;
  }
  const unsigned warps = (block_threads + warpSize - 1) / warpSize;
  const std::size_t by_threads = chip::threads_per_multiprocessor / (warps * warpSize);
  const std::size_t by_shared =
      chip::shared_per_multiprocessor / (shared_bytes + chip::shared_reserved);
  const std::size_t a_multiprocessor =
      std::min({by_threads, by_shared, std::size_t{chip::blocks_per_multiprocessor}});
  const std::size_t all = a_multiprocessor * chip::multiprocessors;
  return static_cast<int>(all / cluster * cluster);
}

cudaError_t launch(Grid grid, cudaStream_t stream) {
  if (current != nullptr) fail("launches a kernel from a kernel");
  check_limits(grid);
  return enqueue(stream, [grid = std::move(grid)]() mutable {
    grid.seed = order_seed();
    run(grid);
  });
}

uint64_t order_seed() { return seed_now; }
void set_order_seed(uint64_t seed) { seed_now = seed; }

void check_any_order(const std::function<void()>& run, const std::function<bool()>& same_result,
                     int orders) {
  struct Restore {
    uint64_t seed = order_seed();
    ~Restore() { set_order_seed(seed); }
  } const restore;
  for (int seed = 0; seed < orders; ++seed) {
    set_order_seed(static_cast<uint64_t>(seed));
    run();
    if (!same_result()) {
      throw Error("the result depends on the order of threads (STROMA_EMULATOR_SEED=" +
                  std::to_string(seed) + "): a barrier is missing");
    }
  }
}

}  // namespace stroma::emulator
