// What the device can do at best, measured: copying, fused multiply-adds, matrix products on tensor
// cores, and a launch that does next to nothing. The roofline of every operation is drawn from
// these.
#pragma once

#include <cstdint>

#include "bench/gpu/case.h"

namespace stroma::bench {

/// target[i] = source[i], i < count, which is a multiple of 4.
void copy(const Cpu&, const float* source, float* target, int64_t count);
void copy(const Cuda& cuda, const float* source, float* target, int64_t count);

/// Threads of a block of `multiply_add`, and the numbers that each of them works on.
constexpr int multiply_add_threads = 256, multiply_add_chains = 16;

/// output[t] = Σ over c of x_c, where x_c = input[t % 256] + c / 16 at first and then
/// x_c = 1 − (1 − 2⁻²⁴) x_c, `rounds` times; t < blocks · 256.
void multiply_add(const Cpu&, const float* input, int64_t blocks, int rounds, float* output);
void multiply_add(const Cuda& cuda, const float* input, int64_t blocks, int rounds, float* output);

/// Keeps the stream busy for some 50 microseconds.
void hold(const Cuda& cuda);

Case copy_case(int64_t count);
/// Eight blocks to a multiprocessor fill it.
Case multiply_add_case(int64_t blocks, int rounds);
/// One element written by one thread: what any kernel in a chain takes.
Case launch_case();

}  // namespace stroma::bench
