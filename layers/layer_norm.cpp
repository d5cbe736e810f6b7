#include "layers/layer_norm.h"

#include <utility>

#include "engine/dispatch.h"
#include "engine/operand.h"
#include "kernels/error.h"
#include "kernels/layer_norm.h"
#include "layers/layer_type.h"
#include "layers/sequence_lengths.h"

namespace stroma {

Variable layer_norm(const Variable& input, const Variable& weight, const Variable& bias,
                    double epsilon) {
  const char* const name = "layer normalisation";
  const Tensor& x = input.value();
  const Tensor& w = weight.value();
  check_input(name, x);
  if (x.shape().empty()) throw Error("layer normalisation takes rows of channels, not a scalar []");
  const int64_t channels = x.shape().back(), rows = x.count() / channels;
  check_operand(name, "weight", w, {channels}, x);
  check_operand(name, "bias", bias.value(), {channels}, x);
  Tensor y = Tensor::empty(x.shape(), x.dtype(), x.device());
  Tensor mean = Tensor::empty({rows}, x.dtype(), x.device());
  Tensor inverse_sd = Tensor::empty({rows}, x.dtype(), x.device());
  dispatch(x, [&]<class T>(const auto& context, T) {
    kernels::layer_norm(context, kernels::LayerNorm<T>{.rows = rows,
                                                       .channels = channels,
                                                       .epsilon = static_cast<T>(epsilon),
                                                       .input = x.data<T>(),
                                                       .weight = w.data<T>(),
                                                       .bias = bias.value().data<T>(),
                                                       .mean = mean.data<T>(),
                                                       .inverse_sd = inverse_sd.data<T>(),
                                                       .output = y.data<T>()});
  });
  return make_result(
      std::move(y), {input, weight, bias},
      [input = GradSlot(input), weight = GradSlot(weight), bias = GradSlot(bias), x, w, mean,
       inverse_sd, rows, channels](const Tensor& output_grad) {
        Tensor input_grad = input.requires_grad() ? input.empty_grad() : Tensor();
        dispatch(output_grad, [&]<class T>(const auto& context, T) {
          kernels::layer_norm_backward(
              context, kernels::LayerNormBackward<T>{.rows = rows,
                                                     .channels = channels,
                                                     .input = x.data<T>(),
                                                     .weight = w.data<T>(),
                                                     .mean = mean.data<T>(),
                                                     .inverse_sd = inverse_sd.data<T>(),
                                                     .output_grad = output_grad.data<T>(),
                                                     .input_grad = data_or_null<T>(input_grad),
                                                     .weight_grad = grad_or_null<T>(weight),
                                                     .bias_grad = grad_or_null<T>(bias)});
        });
        if (input_grad.defined()) input.add_grad(std::move(input_grad));
      });
}

LayerNorm::LayerNorm(int64_t channels, double epsilon, const InitialWeights& init)
    : epsilon_(epsilon) {
  weight_ = register_parameter("weight", constant_tensor({channels}, 1, init));
  bias_ = register_parameter("bias", constant_tensor({channels}, 0, init));
}

Signal LayerNorm::apply(std::span<const Signal> inputs) {
  const auto& [x, lengths, letters] = inputs[0];
  const Variable y = layer_norm(x, weight_, bias_, epsilon_);
  return {lengths.defined() ? mask_positions(y, lengths) : y, lengths};
}

LayerType layer_norm_layer() {
  return {
      .name = "layer_norm",
      .help =
          "the channels of each position, or of a vector, to mean 0 and variance 1, then times a "
          "weight and plus a bias of each channel",
      .keys = {{.name = "eps",
                .allowed = ranges::above_zero,
                .otherwise = 1e-5,
                .help = "added to the variance"}},
      .has_parameters = true,
      .turns = "anything",
      .into = "the same",
      .padding = "is made zeros again",
      .flow =
          [](const LayerSpec&, Flows inputs) {
            if (inputs[0].channels < 2) {
              throw Error(
                  "it normalises over channels, and of one alone it makes the same number whatever "
                  "it is; give it 2 channels or more");
            }
            return inputs[0];
          },
      .build = [](const LayerSpec& layer, Flows inputs,
                  LayerBuild& with) -> std::unique_ptr<Layer> {
        return std::make_unique<LayerNorm>(inputs[0].channels, layer.number_of("eps"), with.init);
      },
      .multiply_adds = [](const LayerSpec&, Flows inputs) { return inputs[0].elements(); },
      .keras =
          [](const LayerSpec&) {
            return std::vector<KerasWeight>{{.name = "/gamma", .ours = {"weight"}, .input_axis = 0},
                                            {.name = "/beta", .ours = {"bias"}, .input_axis = 0}};
          },
  };
}

}  // namespace stroma
