#include "kernels/leaky_relu.h"

#include "kernels/cpu/elements.h"

namespace stroma::kernels {

template <class T>
void leaky_relu(const Cpu&, const LeakyRelu<T>& p) {
  const T* const x = p.input;
  const T slope = p.slope;
  for_each_element(p.count, p.output,
                   [=](int64_t i) { return x[i] < 0 ? slope * x[i] : x[i]; });  // a NaN stays a NaN
}

template <class T>
void leaky_relu_backward(const Cpu&, const LeakyReluBackward<T>& p) {
  const T *const x = p.input, *const dy = p.output_grad;
  const T slope = p.slope;
  for_each_element(p.count, p.input_grad,
                   [=](int64_t i) { return x[i] < 0 ? slope * dy[i] : dy[i]; });
}

template void leaky_relu<float>(const Cpu&, const LeakyRelu<float>&);
template void leaky_relu<double>(const Cpu&, const LeakyRelu<double>&);
template void leaky_relu_backward<float>(const Cpu&, const LeakyReluBackward<float>&);
template void leaky_relu_backward<double>(const Cpu&, const LeakyReluBackward<double>&);

}  // namespace stroma::kernels
