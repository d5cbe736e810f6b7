// The cooperative groups that kernels may use: block, tiles of a warp, cluster, grid.
#pragma once

#include <type_traits>

#include "kernels/cuda/emulator/block.h"
#include "kernels/cuda/emulator/warp.h"

// NOLINTBEGIN(readability-identifier-naming,bugprone-reserved-identifier): the names are CUDA's.

namespace cooperative_groups {

namespace emulator = stroma::emulator;

class thread_block {
 public:
  struct arrival_token {};

  void sync(STROMA_EMULATED_SITE) const { scheduler().sync(barrier(), "thread_block::sync", site); }
  arrival_token barrier_arrive(STROMA_EMULATED_SITE) const {
    scheduler().arrive(barrier(), "thread_block::barrier_arrive", site);
    return {};
  }
  void barrier_wait(arrival_token&&, STROMA_EMULATED_SITE) const {
    const unsigned arrivals = emulator::current->arrivals[static_cast<int>(emulator::Level::block)];
    scheduler().wait(barrier(), arrivals - 1, "thread_block::barrier_wait", site);
  }

  unsigned thread_rank() const { return emulator::current->rank; }
  unsigned num_threads() const { return blockDim.x * blockDim.y * blockDim.z; }
  unsigned size() const { return num_threads(); }
  dim3 group_index() const { return {blockIdx.x, blockIdx.y, blockIdx.z}; }
  dim3 thread_index() const { return {threadIdx.x, threadIdx.y, threadIdx.z}; }
  dim3 dim_threads() const { return {blockDim.x, blockDim.y, blockDim.z}; }
  dim3 group_dim() const { return dim_threads(); }

 private:
  static emulator::Scheduler& scheduler() { return emulator::Scheduler::of_this_host_thread(); }
  static emulator::Barrier& barrier() { return emulator::current->block->barrier; }
};

inline thread_block this_thread_block() { return {}; }

/// `Size` neighbouring lanes of a warp, Size in {1, 2, 4, 8, 16, 32}.
template <unsigned Size, class Parent = void>
class thread_block_tile {
  static_assert(Size >= 1 && Size <= 32 && (Size & (Size - 1)) == 0);

 public:
  thread_block_tile() = default;
  template <class Other>
  requires(std::is_void_v<Parent>) thread_block_tile(const thread_block_tile<Size, Other>& other)
      : rank_(other.meta_group_rank()), groups_(other.meta_group_size()) {}
  thread_block_tile(unsigned rank, unsigned groups) : rank_(rank), groups_(groups) {}

  unsigned thread_rank() const { return emulator::current->rank % Size; }
  static constexpr unsigned num_threads() { return Size; }
  static constexpr unsigned size() { return Size; }
  unsigned meta_group_rank() const { return rank_; }
  unsigned meta_group_size() const { return groups_; }

  void sync(STROMA_EMULATED_SITE) const { emulator::meet_only(mask(), "tile::sync", site); }

  template <class T>
  T shfl(T value, int source, STROMA_EMULATED_SITE) const {
    return emulator::shuffle(mask(), value, source, Size, "tile::shfl", site);
  }
  template <class T>
  T shfl_up(T value, int delta, STROMA_EMULATED_SITE) const {
    return emulator::shuffle_up(mask(), value, delta, Size, "tile::shfl_up", site);
  }
  template <class T>
  T shfl_down(T value, int delta, STROMA_EMULATED_SITE) const {
    return emulator::shuffle_down(mask(), value, delta, Size, "tile::shfl_down", site);
  }
  template <class T>
  T shfl_xor(T value, int bits, STROMA_EMULATED_SITE) const {
    return emulator::shuffle_xor(mask(), value, bits, Size, "tile::shfl_xor", site);
  }
  int any(int predicate, STROMA_EMULATED_SITE) const {
    return emulator::ballot(mask(), predicate != 0, "tile::any", site) != 0;
  }
  int all(int predicate, STROMA_EMULATED_SITE) const {
    return emulator::ballot(mask(), predicate != 0, "tile::all", site) == mask();
  }
  unsigned ballot(int predicate, STROMA_EMULATED_SITE) const {
    return emulator::ballot(mask(), predicate != 0, "tile::ballot", site) >> shift();
  }
  template <class T>
  unsigned match_any(T value, STROMA_EMULATED_SITE) const {
    return emulator::match_any(mask(), value, "tile::match_any", site) >> shift();
  }
  template <class T>
  unsigned match_all(T value, int& all_equal, STROMA_EMULATED_SITE) const {
    all_equal = emulator::match_any(mask(), value, "tile::match_all", site) == mask();
    return all_equal ? mask() >> shift() : 0;
  }

  /// Of the emulator: the lanes of this tile.
  uint32_t mask() const { return (0xffffffffu >> (32 - Size)) << shift(); }

 private:
  static unsigned shift() { return emulator::current_lane() / Size * Size; }

  unsigned rank_ = 0, groups_ = 1;
};

template <unsigned Size>
thread_block_tile<Size, thread_block> tiled_partition(const thread_block& block) {
  if (block.num_threads() % Size != 0) {
    emulator::fail_tiles(block.num_threads(), Size);
  }
  return {block.thread_rank() / Size, block.num_threads() / Size};
}

template <unsigned Size, unsigned ParentSize, class Parent>
thread_block_tile<Size, thread_block_tile<ParentSize, Parent>> tiled_partition(
    const thread_block_tile<ParentSize, Parent>& tile) {
  static_assert(Size <= ParentSize);
  return {tile.thread_rank() / Size, ParentSize / Size};
}

/// The blocks of a cluster, which lie along x.
class cluster_group {
 public:
  struct arrival_token {};

  static void sync(STROMA_EMULATED_SITE) {
    scheduler().sync(cluster().barrier, "cluster_group::sync", site);
  }
  static arrival_token barrier_arrive(STROMA_EMULATED_SITE) {
    scheduler().arrive(cluster().barrier, "cluster_group::barrier_arrive", site);
    return {};
  }
  static void barrier_wait(arrival_token&& = {}, STROMA_EMULATED_SITE) {
    const unsigned arrivals =
        emulator::current->arrivals[static_cast<int>(emulator::Level::cluster)];
    scheduler().wait(cluster().barrier, arrivals - 1, "cluster_group::barrier_wait", site);
  }

  static unsigned block_rank() { return emulator::current->block->rank_in_cluster; }
  static unsigned num_blocks() { return cluster().size; }
  static dim3 block_index() { return {block_rank(), 0, 0}; }
  static dim3 dim_blocks() { return {cluster().size, 1, 1}; }
  static unsigned num_threads() { return cluster().barrier.expected; }
  static unsigned size() { return num_threads(); }
  static unsigned thread_rank() {
    return block_rank() * emulator::current->block->barrier.expected + emulator::current->rank;
  }

  /// The same place in the shared memory of block `rank` of the cluster.
  template <class T>
  static T* map_shared_rank(T* address, int rank) {
    return static_cast<T*>(emulator::map_shared(address, rank));
  }

 private:
  static emulator::Scheduler& scheduler() { return emulator::Scheduler::of_this_host_thread(); }
  static emulator::Cluster& cluster() { return *emulator::current->block->cluster; }
};

inline cluster_group this_cluster() { return {}; }

class grid_group {
 public:
  bool is_valid() const { return scheduler().grid()->cooperative; }
  void sync(STROMA_EMULATED_SITE) const { scheduler().sync_grid(site); }
  unsigned long long num_blocks() const {
    return static_cast<unsigned long long>(gridDim.x) * gridDim.y * gridDim.z;
  }
  unsigned long long block_rank() const {
    return (static_cast<unsigned long long>(blockIdx.z) * gridDim.y + blockIdx.y) * gridDim.x +
           blockIdx.x;
  }
  unsigned long long num_threads() const {
    return num_blocks() * emulator::current->block->barrier.expected;
  }
  unsigned long long size() const { return num_threads(); }
  unsigned long long thread_rank() const {
    return block_rank() * emulator::current->block->barrier.expected + emulator::current->rank;
  }
  dim3 group_dim() const { return {gridDim.x, gridDim.y, gridDim.z}; }
  dim3 dim_blocks() const { return group_dim(); }

 private:
  static emulator::Scheduler& scheduler() { return emulator::Scheduler::of_this_host_thread(); }
};

inline grid_group this_grid() { return {}; }

template <class Group>
void sync(const Group& group, STROMA_EMULATED_SITE) {
  group.sync(site);
}

// cooperative_groups/reduce.h and scan.h

template <class T = void>
struct plus {
  T operator()(T a, T b) const { return a + b; }
};
template <class T = void>
struct less {
  T operator()(T a, T b) const { return b < a ? b : a; }
};
template <class T = void>
struct greater {
  T operator()(T a, T b) const { return a < b ? b : a; }
};
template <class T = void>
struct bit_and {
  T operator()(T a, T b) const { return a & b; }
};
template <class T = void>
struct bit_or {
  T operator()(T a, T b) const { return a | b; }
};
template <class T = void>
struct bit_xor {
  T operator()(T a, T b) const { return a ^ b; }
};

template <unsigned Size, class Parent, class T, class Op>
T reduce(const thread_block_tile<Size, Parent>& tile, T value, Op op, STROMA_EMULATED_SITE) {
  return emulator::reduce(tile.mask(), value, op, "reduce", site);
}

template <unsigned Size, class Parent, class T, class Op>
T inclusive_scan(const thread_block_tile<Size, Parent>& tile, T value, Op op,
                 STROMA_EMULATED_SITE) {
  for (unsigned delta = 1; delta < Size; delta *= 2) {
    const T before =
        emulator::shuffle_up(tile.mask(), value, static_cast<int>(delta), Size, "scan", site);
    if (tile.thread_rank() >= delta) value = op(before, value);
  }
  return value;
}

/// The sum of the lanes before this one.
template <unsigned Size, class Parent, class T>
T exclusive_scan(const thread_block_tile<Size, Parent>& tile, T value, STROMA_EMULATED_SITE) {
  const T upto = inclusive_scan(tile, value, plus<T>(), site);
  const T before = emulator::shuffle_up(tile.mask(), upto, 1, Size, "scan", site);
  return tile.thread_rank() == 0 ? T{} : before;
}

}  // namespace cooperative_groups

// NOLINTEND(readability-identifier-naming,bugprone-reserved-identifier)
