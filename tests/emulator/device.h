// What the tests of the emulator share: running a kernel that writes an array.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "kernels/cuda/cuda.h"
#include "tests/devices.h"

namespace stroma::test {

/// What launch<kernel>(config, output, arguments…) writes to output [count], which is 0 before.
template <auto kernel, class T, class... Arguments>
std::vector<T> output_of(const kernels::LaunchConfig& config, int64_t count,
                         Arguments... arguments) {
  const Cuda cuda = cuda_context(0);
  Array output(cuda, std::vector<T>(static_cast<std::size_t>(count)));
  kernels::LaunchConfig in_stream = config;
  in_stream.stream = cuda.stream;
  kernels::launch<kernel>(in_stream, output.data(), arguments...);
  return output.host();
}

}  // namespace stroma::test
