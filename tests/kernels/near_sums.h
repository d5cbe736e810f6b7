// What a kernel made of sums, beside the same in float64.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

namespace stroma::kernels {

/// Sums of `terms` numbers of some units, rounded a few times each.
template <class T>
void expect_near(const std::vector<T>& values, const std::vector<double>& expected, int64_t terms,
                 const char* what) {
  double largest = 1;
  for (const double value : expected) largest = std::max(largest, std::abs(value));
  const double bound = 16 * double(terms + 8) * std::numeric_limits<T>::epsilon() * largest;
  ASSERT_EQ(values.size(), expected.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    ASSERT_NEAR(values[i], expected[i], bound) << what << " " << i;
  }
}

}  // namespace stroma::kernels
