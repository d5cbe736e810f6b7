// Dropout on the GPU: the bits of the mask are those of the CPU.
#include <cstdint>

#include "kernels/cuda/elements.h"
#include "kernels/dropout.h"
#include "kernels/philox.h"

namespace stroma::kernels {
namespace {

/// y[4b + k] = uniform(word k of Philox block b) ≥ p ? x[4b + k] · factor : 0, k < 4.
///
/// A thread a Philox block, which is four elements: no random bit is computed twice. They are read
/// and written as one float4 where the arrays' addresses allow it.
struct DropoutOfFour {
  Dropout<float> d;
  float factor;  // 1 / (1 − p)
  bool aligned;  // input and output to 16 bytes

  __device__ float one(float x, uint32_t word) const {
    return uniform_from_word(word) >= d.probability ? x * factor : 0;
  }

  __device__ void operator()(int64_t block) const {
    const PhiloxWords words = random_block(d.seed, d.stream, static_cast<uint32_t>(*d.step),
                                           static_cast<uint64_t>(block));
    const int64_t first = block * 4;
    if (aligned && first + 4 <= d.count) {
      const float4 x = reinterpret_cast<const float4*>(d.input)[block];
      reinterpret_cast<float4*>(d.output)[block] = {
          one(x.x, words.word[0]), one(x.y, words.word[1]), one(x.z, words.word[2]),
          one(x.w, words.word[3])};
      return;
    }
#pragma unroll
    for (int k = 0; k < 4; ++k) {
      if (first + k < d.count) d.output[first + k] = one(d.input[first + k], words.word[k]);
    }
  }
};

}  // namespace

void dropout(const Cuda& cuda, const Dropout<float>& d) {
  d.check();
  const auto factor = static_cast<float>(1 / (1 - static_cast<double>(d.probability)));
  const bool aligned = reinterpret_cast<uintptr_t>(d.input) % sizeof(float4) == 0 &&
                       reinterpret_cast<uintptr_t>(d.output) % sizeof(float4) == 0;
  for_each_element(cuda, (d.count + 3) / 4, DropoutOfFour{d, factor, aligned});
}

}  // namespace stroma::kernels
