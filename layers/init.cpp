#include "layers/init.h"

#include <cmath>
#include <numbers>
#include <numeric>
#include <vector>

#include "engine/random.h"
#include "kernels/philox.h"

namespace stroma {
namespace {

/// The number of the stream that the next parameter draws from.
uint32_t next_stream(InitialWeights& init) {
  return static_cast<uint32_t>(RandomStream::parameter) + init.next_parameter++;
}

/// `count` numbers of a stream, in [0, 1).
std::vector<float> uniform_numbers(int64_t count, uint64_t seed, uint32_t stream) {
  std::vector<float> numbers(count);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const PhiloxWords words = random_block(seed, stream, /*step=*/0, i / 4);
    numbers[i] = uniform_from_word(words.word[i % 4]);
  }
  return numbers;
}

/// The same from the normal distribution, by pairs (Box & Muller 1958).
std::vector<double> normal_numbers(int64_t count, uint64_t seed, uint32_t stream) {
  const std::vector<float> uniform = uniform_numbers(count + count % 2, seed, stream);
  std::vector<double> numbers(uniform.size());
  for (std::size_t i = 0; i < numbers.size(); i += 2) {
    const double radius = std::sqrt(-2 * std::log(1 - double{uniform[i]}));  // 1 − u is above 0
    const double angle = 2 * std::numbers::pi * uniform[i + 1];
    numbers[i] = radius * std::cos(angle);
    numbers[i + 1] = radius * std::sin(angle);
  }
  numbers.resize(count);
  return numbers;
}

template <class T>
Tensor tensor_of(const std::vector<T>& values, const Shape& shape, const InitialWeights& init) {
  if (init.dtype == DType::float64) {
    return Tensor::of(std::vector<double>(values.begin(), values.end()), shape, init.device);
  }
  return Tensor::of(std::vector<float>(values.begin(), values.end()), shape, init.device);
}

template <class T>
Tensor uniform(const Shape& shape, double bound, InitialWeights& init) {
  std::vector<T> values(count_of(shape));
  const std::vector<float> numbers = uniform_numbers(count_of(shape), init.seed, next_stream(init));
  for (std::size_t i = 0; i < values.size(); ++i) {
    // 2u − 1 is exact in float, and its product with the bound stays below the bound.
    values[i] = static_cast<T>(2 * numbers[i] - 1) * static_cast<T>(bound);
  }
  return tensor_of(values, shape, init);
}

/// Makes `vectors` [count, size], count ≤ size, of length 1 and at right angles to each other: what
/// is along those before it is taken from each, twice, since one pass leaves rounding behind.
void orthonormalize(std::vector<double>& vectors, int64_t count, int64_t size) {
  for (int64_t i = 0; i < count; ++i) {
    double* v = vectors.data() + i * size;
    for (int64_t j = 0; j < 2 * i; ++j) {
      const double* u = vectors.data() + (j % i) * size;
      const double along = std::inner_product(v, v + size, u, 0.0);
      for (int64_t k = 0; k < size; ++k) v[k] -= along * u[k];
    }
    const double length = std::sqrt(std::inner_product(v, v + size, v, 0.0));
    for (int64_t k = 0; k < size; ++k) v[k] /= length;
  }
}

}  // namespace

Tensor uniform_parameter(const Shape& shape, double bound, InitialWeights& init) {
  return init.dtype == DType::float64 ? uniform<double>(shape, bound, init)
                                      : uniform<float>(shape, bound, init);
}

Tensor normal_parameter(const Shape& shape, InitialWeights& init) {
  return tensor_of(normal_numbers(count_of(shape), init.seed, next_stream(init)), shape, init);
}

Tensor constant_tensor(const Shape& shape, double value, const InitialWeights& init) {
  return tensor_of(std::vector<double>(count_of(shape), value), shape, init);
}

Tensor initial_kernel(const Shape& shape, int64_t fan_in, int64_t fan_out, InitialWeights& init) {
  const auto in = static_cast<double>(fan_in), out = static_cast<double>(fan_out);
  return uniform_parameter(
      shape, init.scheme == Init::keras ? std::sqrt(6 / (in + out)) : 1 / std::sqrt(in), init);
}

Tensor initial_bias(const Shape& shape, int64_t fan_in, InitialWeights& init) {
  if (init.scheme == Init::pytorch) {
    return uniform_parameter(shape, 1 / std::sqrt(static_cast<double>(fan_in)), init);
  }
  next_stream(init);  // so that a parameter's stream does not depend on how others are drawn
  return Tensor::zeros(shape, init.dtype, init.device);
}

Tensor initial_recurrent(int64_t gates, int64_t hidden, InitialWeights& init) {
  const int64_t rows = gates * hidden;
  if (init.scheme == Init::pytorch) {
    return uniform_parameter({rows, hidden}, 1 / std::sqrt(static_cast<double>(hidden)), init);
  }
  std::vector<double> columns = normal_numbers(rows * hidden, init.seed, next_stream(init));
  orthonormalize(columns, hidden, rows);
  std::vector<double> weights(columns.size());
  for (int64_t column = 0; column < hidden; ++column) {
    for (int64_t row = 0; row < rows; ++row) {
      weights[row * hidden + column] = columns[column * rows + row];
    }
  }
  return tensor_of(weights, {rows, hidden}, init);
}

}  // namespace stroma
