#include "layers/activation.h"

#include <utility>

#include "engine/dispatch.h"
#include "engine/operand.h"

namespace stroma {
namespace {

Variable activation(const Variable& input, kernels::Activation kind) {
  const Tensor& x = input.value();
  check_input("an activation", x);
  Tensor y = Tensor::empty(x.shape(), x.dtype(), x.device());
  dispatch(x, [&]<class T>(const auto& context, T) {
    kernels::activation_forward(
        context,
        kernels::ActivationForward<T>{
            .kind = kind, .count = x.count(), .input = x.data<T>(), .output = y.data<T>()});
  });
  return make_result(y, {input}, [input = GradSlot(input), y, kind](const Tensor& output_grad) {
    Tensor input_grad = input.empty_grad();
    dispatch(y, [&]<class T>(const auto& context, T) {
      kernels::activation_backward(
          context, kernels::ActivationBackward<T>{.kind = kind,
                                                  .count = y.count(),
                                                  .output = y.data<T>(),
                                                  .output_grad = output_grad.data<T>(),
                                                  .input_grad = input_grad.data<T>()});
    });
    input.add_grad(std::move(input_grad));
  });
}

}  // namespace

Variable relu(const Variable& input) { return activation(input, kernels::Activation::relu); }
Variable tanh(const Variable& input) { return activation(input, kernels::Activation::tanh); }
Variable sigmoid(const Variable& input) { return activation(input, kernels::Activation::sigmoid); }

Variable ActivationLayer::forward(const Variable& input) { return activation(input, kind_); }

}  // namespace stroma
