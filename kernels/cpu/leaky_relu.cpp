#include "kernels/leaky_relu.h"

#include "kernels/parallel.h"

namespace stroma::kernels {
namespace {

constexpr int64_t chunk = 1 << 14;

}  // namespace

template <class T>
void leaky_relu(const Cpu&, const LeakyRelu<T>& p) {
  in_chunks(p.count, chunk, [&p](int64_t begin, int64_t end) {
#pragma omp simd
    for (int64_t i = begin; i < end; ++i) {
      const T x = p.input[i];
      p.output[i] = x < 0 ? p.slope * x : x;  // a NaN stays a NaN
    }
  });
}

template <class T>
void leaky_relu_backward(const Cpu&, const LeakyReluBackward<T>& p) {
  in_chunks(p.count, chunk, [&p](int64_t begin, int64_t end) {
#pragma omp simd
    for (int64_t i = begin; i < end; ++i) {
      const T dy = p.output_grad[i];
      p.input_grad[i] = p.input[i] < 0 ? p.slope * dy : dy;
    }
  });
}

template void leaky_relu<float>(const Cpu&, const LeakyRelu<float>&);
template void leaky_relu<double>(const Cpu&, const LeakyRelu<double>&);
template void leaky_relu_backward<float>(const Cpu&, const LeakyReluBackward<float>&);
template void leaky_relu_backward<double>(const Cpu&, const LeakyReluBackward<double>&);

}  // namespace stroma::kernels
