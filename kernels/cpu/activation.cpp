#include "kernels/activation.h"

#include <cmath>

#include "kernels/cpu/elements.h"
#include "kernels/cpu/vector_math.h"
#include "kernels/error.h"

namespace stroma::kernels {

template <class T>
void activation_forward(const Cpu&, const ActivationForward<T>& a) {
  const T* x = a.input;
  switch (a.kind) {
    case Activation::relu:  // a NaN stays a NaN
      return for_each_element(a.count, a.output, [x](int64_t i) { return x[i] < 0 ? T(0) : x[i]; });
    case Activation::tanh:
      return for_each_element(a.count, a.output,
                              [x](int64_t i) { return vector_math::fast_tanh(x[i]); });
    case Activation::sigmoid:
      return for_each_element(a.count, a.output,
                              [x](int64_t i) { return vector_math::fast_sigmoid(x[i]); });
    case Activation::elu:
      return for_each_element(a.count, a.output, [x, alpha = a.alpha](int64_t i) {
        return x[i] < 0 ? alpha * vector_math::fast_expm1(x[i]) : x[i];
      });
    case Activation::softplus:  // max(x, 0) + ln(1 + e^-|x|)
      return for_each_element(a.count, a.output, [x](int64_t i) {
        const T tail = vector_math::fast_log1p(vector_math::fast_exp(-std::abs(x[i])));
        return x[i] > 0 ? x[i] + tail : tail;
      });
  }
  throw Error("unknown activation");
}

template <class T>
void activation_backward(const Cpu&, const ActivationBackward<T>& a) {
  const T* y = a.output;
  const T* dy = a.output_grad;
  switch (a.kind) {
    case Activation::relu:
      return for_each_element(a.count, a.input_grad,
                              [=](int64_t i) { return y[i] > 0 ? dy[i] : T(0); });
    case Activation::tanh:
      return for_each_element(a.count, a.input_grad,
                              [=](int64_t i) { return dy[i] * (1 - y[i] * y[i]); });
    case Activation::sigmoid:
      return for_each_element(a.count, a.input_grad,
                              [=](int64_t i) { return dy[i] * y[i] * (1 - y[i]); });
    case Activation::elu:
      return for_each_element(a.count, a.input_grad, [=, alpha = a.alpha](int64_t i) {
        return y[i] < 0 ? dy[i] * (y[i] + alpha) : dy[i];
      });
    case Activation::softplus:
      return for_each_element(a.count, a.input_grad,
                              [=](int64_t i) { return dy[i] * -vector_math::fast_expm1(-y[i]); });
  }
  throw Error("unknown activation");
}

template void activation_forward<float>(const Cpu&, const ActivationForward<float>&);
template void activation_forward<double>(const Cpu&, const ActivationForward<double>&);
template void activation_backward<float>(const Cpu&, const ActivationBackward<float>&);
template void activation_backward<double>(const Cpu&, const ActivationBackward<double>&);

}  // namespace stroma::kernels
