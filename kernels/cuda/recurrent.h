// The ways in which recurrent.cu runs a recurrence.
#pragma once

#include "kernels/recurrent.h"

namespace stroma::kernels {

/// One or two directions, as a kernel's argument.
template <class Direction>
struct Directions {
  Direction direction[2];
  int count;
};

/// Of an lstm alone: weights on chip for all steps, a cluster of blocks for each (direction, rows
/// of the batch): in fp32, and on matrix instructions in a reduced precision. Return false, having
/// done nothing, where the hidden size or the device does not allow it.
bool lstm_forward_persistent(const Cuda& cuda, const Directions<RecurrentForward<float>>& all);
bool lstm_backward_persistent(const Cuda& cuda, const Directions<RecurrentBackward<float>>& all);
bool lstm_forward_mma(const Cuda& cuda, const Directions<RecurrentForward<float>>& all);
bool lstm_backward_mma(const Cuda& cuda, const Directions<RecurrentBackward<float>>& all);

/// A block for each (direction, rows of the batch), weights read from the L2 cache at every step:
/// any cell, any size, any chip, any precision. What a block hands from step to step is in shared
/// memory, or in the GPU's where it takes more than `shared_bytes`, with the same bits.
void recurrent_forward_portable(const Cuda& cuda, const Directions<RecurrentForward<float>>& all,
                                int64_t shared_bytes);
void recurrent_backward_portable(const Cuda& cuda, const Directions<RecurrentBackward<float>>& all,
                                 int64_t shared_bytes);

}  // namespace stroma::kernels
