#include "layers/activation.h"

#include <string>
#include <utility>

#include "engine/dispatch.h"
#include "engine/operand.h"
#include "kernels/error.h"
#include "layers/layer_type.h"
#include "layers/sequence_lengths.h"

namespace stroma {
namespace {

Variable activation(const Variable& input, kernels::Activation kind, double alpha = 1) {
  const Tensor& x = input.value();
  check_input("an activation", x);
  Tensor y = Tensor::empty(x.shape(), x.dtype(), x.device());
  dispatch(x, [&]<class T>(const auto& context, T) {
    kernels::activation_forward(context,
                                kernels::ActivationForward<T>{.kind = kind,
                                                              .count = x.count(),
                                                              .input = x.data<T>(),
                                                              .output = y.data<T>(),
                                                              .alpha = static_cast<T>(alpha)});
  });
  return make_result(
      y, {input}, [input = GradSlot(input), y, kind, alpha](const Tensor& output_grad) {
        Tensor input_grad = input.empty_grad();
        dispatch(y, [&]<class T>(const auto& context, T) {
          kernels::activation_backward(
              context, kernels::ActivationBackward<T>{.kind = kind,
                                                      .count = y.count(),
                                                      .output = y.data<T>(),
                                                      .output_grad = output_grad.data<T>(),
                                                      .input_grad = input_grad.data<T>(),
                                                      .alpha = static_cast<T>(alpha)});
        });
        input.add_grad(std::move(input_grad));
      });
}

}  // namespace

Variable relu(const Variable& input) { return activation(input, kernels::Activation::relu); }
Variable tanh(const Variable& input) { return activation(input, kernels::Activation::tanh); }
Variable sigmoid(const Variable& input) { return activation(input, kernels::Activation::sigmoid); }
Variable elu(const Variable& input, double alpha) {
  if (!(alpha >= 0))
    throw Error("an ELU takes an alpha of 0 or more, not " + std::to_string(alpha));
  return activation(input, kernels::Activation::elu, alpha);
}
Variable softplus(const Variable& input) {
  return activation(input, kernels::Activation::softplus);
}

Signal ActivationLayer::apply(std::span<const Signal> inputs) {
  const auto& [x, lengths, letters] = inputs[0];
  Variable y = activation(x, kind_, alpha_);
  // The others turn the zeros of the padding into zeros.
  const bool of_zero_is_another =
      kind_ == kernels::Activation::sigmoid || kind_ == kernels::Activation::softplus;
  if (lengths.defined() && of_zero_is_another) y = mask_positions(y, lengths);
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

LayerType softplus_layer() {
  return activation_layer<kernels::Activation::softplus>("softplus", "ln(1 + eˣ) of each element",
                                                         "is made zeros again");
}

LayerType elu_layer() {
  LayerType type = activation_layer<kernels::Activation::elu>(
      "elu", "x of each element that is not negative, and `alpha` · (eˣ − 1) of the others",
      "stays zeros");
  type.keys = {{.name = "alpha",
                .allowed = ranges::at_least_zero,
                .otherwise = 1.0,
                .help = "what large negative elements come to, below 0"}};
  type.build = [](const LayerSpec& layer, Flows, LayerBuild&) -> std::unique_ptr<Layer> {
    return std::make_unique<ActivationLayer>(kernels::Activation::elu, layer.number_of("alpha"));
  };
  return type;
}

}  // namespace stroma
