#include "layers/init.h"

#include <vector>

#include "engine/random.h"
#include "kernels/philox.h"

namespace stroma {
namespace {

template <class T>
Tensor uniform(const Shape& shape, double bound, uint64_t seed, uint32_t stream, Device device) {
  std::vector<T> values(count_of(shape));
  for (std::size_t i = 0; i < values.size(); ++i) {
    const PhiloxWords words = random_block(seed, stream, /*step=*/0, i / 4);
    // 2u − 1 is exact in float, and its product with the bound stays below the bound.
    const float unit = 2 * uniform_from_word(words.word[i % 4]) - 1;
    values[i] = static_cast<T>(unit) * static_cast<T>(bound);
  }
  return Tensor::of(values, shape, device);
}

}  // namespace

Tensor uniform_parameter(const Shape& shape, double bound, InitialWeights& init) {
  const uint32_t stream = static_cast<uint32_t>(RandomStream::parameter) + init.next_parameter++;
  return init.dtype == DType::float64
             ? uniform<double>(shape, bound, init.seed, stream, init.device)
             : uniform<float>(shape, bound, init.seed, stream, init.device);
}

}  // namespace stroma
