#include "layers/batch_norm1d.h"

#include <utility>

#include "engine/dispatch.h"
#include "engine/operand.h"
#include "kernels/batch_norm1d.h"
#include "layers/layer_type.h"
#include "layers/sequence_lengths.h"

namespace stroma {
namespace {

const char* const operation = "batch normalisation";

struct Extents {
  int64_t length, batch, channels;
};

Extents extents_of(const Tensor& x) {
  if (x.shape().size() == 2) {
    check_input(operation, x, {any, any});
    return {1, x.size(0), x.size(1)};
  }
  check_input(operation, x, {any, any, any});
  return {x.size(0), x.size(1), x.size(2)};
}

/// What the backward pass reads.
struct Saved {
  GradSlot input, weight, bias;
  Tensor x, w, lengths;
  Tensor mean, inverse_sd;  // [channels]
  Tensor share;             // [1]
};

void backward(const Saved& saved, const Tensor& output_grad) {
  const Extents e = extents_of(output_grad);
  Tensor input_grad = saved.input.requires_grad() ? saved.input.empty_grad() : Tensor();
  dispatch(output_grad, [&]<class T>(const auto& context, T) {
    kernels::batch_norm1d_backward(
        context, kernels::BatchNorm1dBackward<T>{.length = e.length,
                                                 .batch = e.batch,
                                                 .channels = e.channels,
                                                 .input = saved.x.data<T>(),
                                                 .lengths = data_or_null<int32_t>(saved.lengths),
                                                 .weight = saved.w.data<T>(),
                                                 .mean = saved.mean.data<T>(),
                                                 .inverse_sd = saved.inverse_sd.data<T>(),
                                                 .share = saved.share.data<T>(),
                                                 .output_grad = output_grad.data<T>(),
                                                 .input_grad = data_or_null<T>(input_grad),
                                                 .weight_grad = grad_or_null<T>(saved.weight),
                                                 .bias_grad = grad_or_null<T>(saved.bias)});
  });
  if (input_grad.defined()) saved.input.add_grad(std::move(input_grad));
}

}  // namespace

Variable batch_norm1d(const Variable& input, const Variable& weight, const Variable& bias,
                      RunningStatistics& running, const BatchNorm1dOptions& options, bool training,
                      const Tensor& lengths) {
  const Tensor& x = input.value();
  const Extents e = extents_of(x);
  check_operand(operation, "weight", weight.value(), {e.channels}, x);
  check_operand(operation, "bias", bias.value(), {e.channels}, x);
  check_operand(operation, "running mean", running.mean, {e.channels}, x);
  check_operand(operation, "running variance", running.variance, {e.channels}, x);
  check_operand(operation, "number of batches", running.batches, {}, DType::int64, x.device());
  if (lengths.defined()) check_lengths(operation, x, lengths);
  const auto empty = [&x](const Shape& shape) {
    return Tensor::empty(shape, x.dtype(), x.device());
  };
  Tensor y = empty(x.shape());
  Saved saved{
      input,     weight, bias, x, weight.value(), lengths, empty({e.channels}), empty({e.channels}),
      empty({1})};
  dispatch(x, [&]<class T>(const auto& context, T) {
    kernels::batch_norm1d(context,
                          kernels::BatchNorm1d<T>{.length = e.length,
                                                  .batch = e.batch,
                                                  .channels = e.channels,
                                                  .training = training,
                                                  .epsilon = static_cast<T>(options.epsilon),
                                                  .momentum = static_cast<T>(options.momentum),
                                                  .input = x.data<T>(),
                                                  .lengths = data_or_null<int32_t>(lengths),
                                                  .weight = saved.w.data<T>(),
                                                  .bias = bias.value().data<T>(),
                                                  .running_mean = running.mean.data<T>(),
                                                  .running_variance = running.variance.data<T>(),
                                                  .batches = running.batches.data<int64_t>(),
                                                  .mean = saved.mean.data<T>(),
                                                  .inverse_sd = saved.inverse_sd.data<T>(),
                                                  .share = saved.share.data<T>(),
                                                  .output = y.data<T>()});
  });
  return make_result(
      std::move(y), {input, weight, bias},
      [saved = std::move(saved)](const Tensor& output_grad) { backward(saved, output_grad); });
}

BatchNorm1d::BatchNorm1d(int64_t channels, const BatchNorm1dOptions& options,
                         const InitialWeights& init)
    : options_(options) {
  weight_ = register_parameter("weight", constant_tensor({channels}, 1, init));
  bias_ = register_parameter("bias", constant_tensor({channels}, 0, init));
  running_.mean = register_buffer("running_mean", constant_tensor({channels}, 0, init));
  running_.variance = register_buffer("running_var", constant_tensor({channels}, 1, init));
  running_.batches =
      register_buffer("num_batches_tracked", Tensor::zeros({}, DType::int64, init.device));
}

Signal BatchNorm1d::apply(std::span<const Signal> inputs) {
  const auto& [x, lengths, letters] = inputs[0];
  return {batch_norm1d(x, weight_, bias_, running_, options_, training(), lengths), lengths};
}

LayerType batch_norm1d_layer() {
  return {
      .name = "batch_norm1d",
      .help =
          "each channel to mean 0 and variance 1 over all positions and examples of a batch, "
          "then times a weight and plus a bias; evaluation takes the running mean and variance of "
          "the training",
      .keys = {{.name = "eps",
                .allowed = ranges::above_zero,
                .otherwise = 1e-5,
                .help = "added to the variance"},
               {.name = "momentum",
                .allowed = ranges::probability,
                .otherwise = 0.1,
                .help = "share of a batch in the running mean and variance"}},
      .has_parameters = true,
      .turns = "anything",
      .into = "the same",
      .padding = "counts in no mean or variance and stays zeros",
      .flow = [](const LayerSpec&, Flows inputs) { return inputs[0]; },
      .build = [](const LayerSpec& layer, Flows inputs,
                  LayerBuild& with) -> std::unique_ptr<Layer> {
        const BatchNorm1dOptions options{.epsilon = layer.number_of("eps"),
                                         .momentum = layer.number_of("momentum")};
        return std::make_unique<BatchNorm1d>(inputs[0].channels, options, with.init);
      },
      .multiply_adds = [](const LayerSpec&, Flows inputs) { return inputs[0].elements(); },
      .keras =
          [](const LayerSpec&) {
            return std::vector<KerasWeight>{
                {.name = "/gamma", .ours = {"weight"}, .input_axis = 0},
                {.name = "/beta", .ours = {"bias"}, .input_axis = 0},
                {.name = "/moving_mean", .ours = {"running_mean"}, .input_axis = 0},
                {.name = "/moving_variance", .ours = {"running_var"}, .input_axis = 0}};
          },
  };
}

}  // namespace stroma
