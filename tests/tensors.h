// Tensors of any type on any device, for tests.
#pragma once

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

}  // namespace stroma::test
