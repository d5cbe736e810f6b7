#include "layers/activation.h"

#include <utility>

#include "engine/dispatch.h"
#include "engine/operand.h"
#include "layers/layer_type.h"
#include "layers/sequence_lengths.h"

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

Signal ActivationLayer::apply(std::span<const Signal> inputs) {
  const auto& [x, lengths, letters] = inputs[0];
  Variable y = activation(x, kind_);
  // The others turn the zeros of the padding into zeros.
  if (lengths.defined() && kind_ == kernels::Activation::sigmoid) y = mask_positions(y, lengths);
  return {y, lengths};
}

namespace {

template <kernels::Activation kind>
LayerType activation_layer(const char* name, const char* help, const char* padding) {
  return {
      .name = name,
      .help = help,
      .keys = {},
      .turns = "anything",
      .into = "the same",
      .padding = padding,
      .flow = [](const LayerSpec&, Flows inputs) { return inputs[0]; },
      .build = [](const LayerSpec&, Flows, LayerBuild&) -> std::unique_ptr<Layer> {
        return std::make_unique<ActivationLayer>(kind);
      },
  };
}

}  // namespace

LayerType relu_layer() {
  return activation_layer<kernels::Activation::relu>("relu", "max(x, 0) of each element",
                                                     "stays zeros");
}

LayerType tanh_layer() {
  return activation_layer<kernels::Activation::tanh>("tanh", "tanh(x) of each element",
                                                     "stays zeros");
}

LayerType sigmoid_layer() {
  return activation_layer<kernels::Activation::sigmoid>("sigmoid", "1 / (1 + e⁻ˣ) of each element",
                                                        "is made zeros again");
}

}  // namespace stroma
