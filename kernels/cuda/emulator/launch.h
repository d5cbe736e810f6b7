// Starts a kernel on the emulated device.
#pragma once

#include <cstdint>
#include <functional>

#include "kernels/cuda/emulator/runtime.h"
#include "kernels/cuda/emulator/scheduler.h"

namespace stroma::emulator {

/// Checks the launch against the chip's limits, then runs it in its turn in the stream. Throws
/// Error with the kernel's name. `grid.seed` is set from order_seed().
cudaError_t launch(Grid grid, cudaStream_t stream);

/// How many blocks of such a launch the chip holds at once; 0 where it cannot hold one.
int resident_blocks(unsigned block_threads, std::size_t shared_bytes, unsigned cluster);

/// The seed of the order in which threads run: 0 as they are numbered, else at random. From the
/// environment variable STROMA_EMULATOR_SEED, or 1, until it is set here.
uint64_t order_seed();
void set_order_seed(uint64_t seed);

/// Calls run() under `orders` seeds, and throws Error if same_result() is ever false after it: a
/// result that depends on the order of threads lacks a barrier.
void check_any_order(const std::function<void()>& run, const std::function<bool()>& same_result,
                     int orders = 8);

}  // namespace stroma::emulator
