// Tensors of any type on any device, for tests.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/tensor.h"
#include "tests/gpu.h"

namespace stroma::test {

/// The CPU and, where there is one, the GPU.
inline std::vector<Device> devices() {
  if (has_gpu()) return {Device{}, Device{Device::Kind::cuda, 0}};
  return {Device{}};
}

/// The elements of a tensor of float or double.
inline std::vector<double> doubles(const Tensor& x) {
  if (x.dtype() == DType::float64) return x.to_vector<double>();
  const std::vector<float> values = x.to_vector<float>();
  return {values.begin(), values.end()};
}

/// `x`, a tensor of float or double, as one of T on `device`.
template <class T>
Tensor as(const Tensor& x, Device device = {}) {
  const std::vector<double> values = doubles(x);
  return Tensor::of(std::vector<T>(values.begin(), values.end()), x.shape(), device);
}

/// `x`, a tensor of float or double, with the type and device of `other`.
inline Tensor like(const Tensor& other, const Tensor& x) {
  if (other.dtype() == DType::float64) return as<double>(x, other.device());
  return as<float>(x, other.device());
}

/// |ours − theirs| / max |theirs|, over all elements. All of theirs may be 0: no gradient reaches
/// the recurrent weights of a direction of which one step is read.
inline double relative_error(const Tensor& ours, const Tensor& theirs) {
  const std::vector<double> a = doubles(ours), b = doubles(theirs);
  EXPECT_EQ(ours.shape(), theirs.shape());
  double error = 0, largest = 0;
  for (std::size_t i = 0; i < b.size(); ++i) {
    error = std::max(error, std::abs(a.at(i) - b[i]));
    largest = std::max(largest, std::abs(b[i]));
  }
  return largest > 0 ? error / largest : error;
}

}  // namespace stroma::test
