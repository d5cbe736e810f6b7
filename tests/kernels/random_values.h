// Random input for tests of kernels.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

namespace stroma::test {

/// [count] numbers uniform in [−1, 1).
template <class T>
std::vector<T> random_values(int64_t count, std::mt19937& random) {
  std::uniform_real_distribution<T> uniform(-1, 1);
  std::vector<T> values(count);
  for (T& value : values) value = uniform(random);
  return values;
}

}  // namespace stroma::test
