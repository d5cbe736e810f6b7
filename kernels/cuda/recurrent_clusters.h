// What the recurrences that keep their weights on chip share: a cluster of blocks for each
// (direction, rows of the batch), of which each block owns 32 hidden units.
#pragma once

#include "kernels/cuda/cuda.h"
#include "kernels/cuda/recurrent.h"

namespace stroma::kernels {

constexpr int units = 32;  // of one block

/// Launches `kernel` with clusters for all hidden units, each for `rows` rows of the batch, if the
/// device can hold one of them.
template <auto kernel, class Direction>
bool launch_clusters(const Cuda& cuda, const Directions<Direction>& all, int rows, int threads,
                     std::size_t shared_floats) {
  const int64_t tiles = (all.direction[0].batch + rows - 1) / rows;
  const auto cluster = static_cast<unsigned>(all.direction[0].hidden_size / units);
  const LaunchConfig config{
      .grid = {static_cast<unsigned>(tiles) * cluster, static_cast<unsigned>(all.count), 1},
      .block = static_cast<unsigned>(threads),
      .shared_bytes = shared_floats * sizeof(float),
      .stream = cuda.stream,
      .cluster = cluster};
  if (resident_blocks<kernel>(config) == 0) return false;
  launch<kernel>(config, all);
  return true;
}

/// Calls f<hidden size>(), which returns whether it ran, where the chip has clusters and the size
/// is one that kernels exist for.
template <class Direction, class F>
bool for_hidden_size(const Cuda& cuda, const Directions<Direction>& all, F&& f) {
  int clusters = 0;
  check(cudaDeviceGetAttribute(&clusters, cudaDevAttrClusterLaunch, cuda.index),
        "cudaDeviceGetAttribute");
  if (clusters == 0) return false;
  switch (all.direction[0].hidden_size) {
    case 32:
      return f.template operator()<32>();
    case 64:
      return f.template operator()<64>();
    case 128:
      return f.template operator()<128>();
    case 256:
      return f.template operator()<256>();
    default:
      return false;
  }
}

}  // namespace stroma::kernels
