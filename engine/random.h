// The randomness of a model in training: the user's seed and the step, which lies on the device so
// that a captured step can be replayed.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/tensor.h"

namespace stroma {

/// Which use of random numbers a Philox stream belongs to. Dropout layer i uses `dropout + i`,
/// parameter i of a model `parameter + i`.
enum class RandomStream : uint32_t {
  shuffle = 1,
  split = 2,
  simulate = 3,
  parameter = 1000,
  dropout = 100000,
};

/// Shared by the trainer, which advances `step`, and the layers that draw random numbers.
struct TrainingClock {
  uint64_t seed = 0;
  Tensor step;  // [1] int64 on the device: training steps done
};

/// The numbers 0 … count - 1 in random order: sorted by a 64-bit random key each, which depends on
/// (seed, stream, step, number) alone, so that the order is the same on every machine and device.
std::vector<int32_t> shuffled_indices(int64_t count, uint64_t seed, RandomStream stream,
                                      uint32_t step = 0);

}  // namespace stroma
