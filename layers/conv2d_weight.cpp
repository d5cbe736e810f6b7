#include "layers/conv2d_weight.h"

#include <vector>

#include "engine/dispatch.h"
#include "kernels/error.h"

namespace stroma {
namespace {

/// [out, kernel, in] → [out, in, kernel]; of float32 or float64, on the CPU.
template <class T>
Tensor swapped(const Tensor& weight, const Shape& wanted) {
  const std::vector<T> values = weight.to_vector<T>();
  const int64_t in = wanted[1], kernel = wanted[2];
  std::vector<T> result(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto at = static_cast<int64_t>(i);
    const int64_t out = at / (in * kernel), channel = at / kernel % in, tap = at % kernel;
    result[i] = values[(out * kernel + tap) * in + channel];
  }
  return Tensor::of(result, wanted, weight.device());
}

}  // namespace

Tensor as_conv1d_weight(const Tensor& weight, const Shape& wanted) {
  const Shape& shape = weight.shape();
  if (wanted.size() != 3 || shape.size() != 4 || shape[0] != wanted[0]) return weight;
  const int64_t out = wanted[0], in = wanted[1], kernel = wanted[2];
  if (shape == Shape{out, in, kernel, 1} || shape == Shape{out, in, 1, kernel}) {
    return weight.reshape(wanted);
  }
  const bool letters_last = shape == Shape{out, 1, kernel, in};
  const bool letters_first = shape == Shape{out, 1, in, kernel};
  if (letters_last && letters_first) {
    throw Error("a Conv2d's weight of shape " + to_string(shape) +
                " has as many letters as positions, so that it cannot be told which axis is which; "
                "write it as a Conv1d's, [out, in, kernel]");
  }
  if (letters_first) return weight.reshape(wanted);
  if (!letters_last) return weight;
  return weight.dtype() == DType::float64 ? swapped<double>(weight, wanted)
                                          : swapped<float>(weight, wanted);
}

}  // namespace stroma
