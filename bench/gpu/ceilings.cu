#include <algorithm>
#include <cmath>
#include <string>

#include "bench/gpu/ceilings.h"
#include "kernels/cuda/cuda.h"
#include "kernels/elementwise.h"

namespace stroma::bench {
namespace {

// Just short of -1: x goes back and forth between x and 1 - x, and stays random.
constexpr float multiply_add_factor = -0x1.fffffep-1f;

/// One thread copies 16 bytes: the widest load there is, and as many in flight as the chip holds.
__global__ void copy_kernel(const float4* source, float4* target, int64_t count) {
  const int64_t i = int64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  if (i < count) target[i] = source[i];
}

/// Sixteen independent chains a thread, more than the four cycles that a multiply-add takes.
__global__ void multiply_add_kernel(const float* input, float factor, int rounds, float* output) {
  float x[multiply_add_chains];
#pragma unroll
  for (int c = 0; c < multiply_add_chains; ++c) {
    x[c] = input[threadIdx.x] + static_cast<float>(c) / multiply_add_chains;
  }
#pragma unroll 8
  for (int round = 0; round < rounds; ++round) {
#pragma unroll
    for (int c = 0; c < multiply_add_chains; ++c) x[c] = fmaf(x[c], factor, 1.0f);
  }
  float sum = 0;
#pragma unroll
  for (int c = 0; c < multiply_add_chains; ++c) sum += x[c];
  output[int64_t{blockIdx.x} * blockDim.x + threadIdx.x] = sum;
}

__global__ void hold_kernel(int naps) {
  for (int i = 0; i < naps; ++i) __nanosleep(1000);
}

}  // namespace

void copy(const Cpu&, const float* source, float* target, int64_t count) {
  std::copy_n(source, count, target);
}

void copy(const Cuda& cuda, const float* source, float* target, int64_t count) {
  const int64_t vectors = count / 4;
  kernels::launch<copy_kernel>(
      {.grid = static_cast<unsigned>((vectors + 255) / 256), .block = 256, .stream = cuda.stream},
      reinterpret_cast<const float4*>(source), reinterpret_cast<float4*>(target), vectors);
}

void multiply_add(const Cpu&, const float* input, int64_t blocks, int rounds, float* output) {
  for (int t = 0; t < multiply_add_threads; ++t) {
    float sum = 0;
    for (int c = 0; c < multiply_add_chains; ++c) {
      float x = input[t] + static_cast<float>(c) / multiply_add_chains;
      for (int round = 0; round < rounds; ++round) x = std::fma(x, multiply_add_factor, 1.0f);
      sum += x;
    }
    for (int64_t block = 0; block < blocks; ++block) output[block * multiply_add_threads + t] = sum;
  }
}

void multiply_add(const Cuda& cuda, const float* input, int64_t blocks, int rounds, float* output) {
  kernels::launch<multiply_add_kernel>(
      {.grid = static_cast<unsigned>(blocks), .block = multiply_add_threads, .stream = cuda.stream},
      input, multiply_add_factor, rounds, output);
}

void hold(const Cuda& cuda) {
  kernels::launch<hold_kernel>({.grid = 1, .block = 1, .stream = cuda.stream}, 64);
}

Case copy_case(int64_t count) {
  Case c("copy", std::to_string(count * 4 / (1 << 20)) + " MiB");
  const auto source = c.input(count);
  const auto target = c.output<float>(count);
  c.run([=](const auto& context, const auto& at) { copy(context, at(source), at(target), count); });
  return c;
}

Case multiply_add_case(int64_t blocks, int rounds) {
  const int64_t threads = blocks * multiply_add_threads;
  Case c("multiply_add", std::to_string(threads) + " threads");
  const auto input = c.input(multiply_add_threads);
  const auto output = c.output<float>(threads);
  c.flops(2 * threads * multiply_add_chains * rounds);
  c.run([=](const auto& context, const auto& at) {
    multiply_add(context, at(input), blocks, rounds, at(output));
  });
  return c;
}

Case launch_case() {
  Case c("launch", "1 element");
  const auto data = c.output<float>(1);
  c.run([=](const auto& context, const auto& at) {
    kernels::fill(context, at(data), int64_t{1}, 1.0f);
  });
  return c;
}

}  // namespace stroma::bench
