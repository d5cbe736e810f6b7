// Dropout on the CPU: one Philox block for each four elements.
#include "kernels/dropout.h"

#include "kernels/parallel.h"
#include "kernels/philox.h"

namespace stroma::kernels {

template <class T>
void dropout(const Cpu&, const Dropout<T>& d) {
  d.check();
  constexpr int64_t grain = 4096;  // a multiple of 4: no block is split
  const auto step = static_cast<uint32_t>(*d.step);
  const T factor = static_cast<T>(1 / (1 - static_cast<double>(d.probability)));
  const float probability = d.probability;
  const uint64_t seed = d.seed;
  const uint32_t stream = d.stream;
  const T* input = d.input;
  T* output = d.output;
  in_chunks(d.count, grain, [=](int64_t begin, int64_t end) {
    const auto output_of = [=](T x, uint32_t word) {
      const T kept = x * factor;
      return uniform_from_word(word) >= probability ? kept : T{0};
    };
    const int64_t whole = end / 4;
#pragma omp simd
    for (int64_t block = begin / 4; block < whole; ++block) {
      const PhiloxWords words = random_block(seed, stream, step, static_cast<uint64_t>(block));
      const int64_t i = block * 4;
      output[i] = output_of(input[i], words.word[0]);
      output[i + 1] = output_of(input[i + 1], words.word[1]);
      output[i + 2] = output_of(input[i + 2], words.word[2]);
      output[i + 3] = output_of(input[i + 3], words.word[3]);
    }
    if (whole * 4 < end) {
      const PhiloxWords words = random_block(seed, stream, step, static_cast<uint64_t>(whole));
      for (int64_t i = whole * 4; i < end; ++i) output[i] = output_of(input[i], words.word[i % 4]);
    }
  });
}

template void dropout<float>(const Cpu&, const Dropout<float>&);
template void dropout<double>(const Cpu&, const Dropout<double>&);

}  // namespace stroma::kernels
