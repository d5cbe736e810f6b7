#include "kernels/cuda/elements.h"
#include "kernels/positional_encoding.h"

namespace stroma::kernels {
namespace {

struct AddEncoding {
  PositionalEncoding<float> p;
  __device__ void operator()(int64_t row, int64_t c) const {
    const int64_t t = row / p.batch, i = row * p.channels + c;
    const bool padding = p.lengths != nullptr && t >= p.lengths[row % p.batch];
    p.output[i] = padding ? 0 : p.input[i] + p.encoding[t * p.channels + c];
  }
};

}  // namespace

void positional_encoding(const Cuda& cuda, const PositionalEncoding<float>& p) {
  for_each_of_rows(cuda, p.length * p.batch, p.channels, AddEncoding{p});
}

}  // namespace stroma::kernels
