#include "layers/pool1d.h"

#include <fmt/format.h>

#include <limits>
#include <utility>

#include "engine/dispatch.h"
#include "engine/operand.h"
#include "kernels/pool1d.h"
#include "layers/layer_type.h"
#include "layers/sequence_lengths.h"

namespace stroma {
namespace {

kernels::Pool1dShape pool_shape(const Tensor& x, const Pool1dOptions& options) {
  check_input("pooling", x, {any, any, any});
  const Shape& input = x.shape();
  if (options.window < 1 || options.stride < 1 || options.padding < 0 ||
      options.padding > options.window / 2) {
    throw Error(fmt::format(
        "pooling needs a window (kernel_size) >= 1, stride >= 1 and 0 <= padding <= window / 2, "
        "not window {}, stride {}, padding {}",
        options.window, options.stride, options.padding));
  }
  if (input[0] < options.window - 2 * options.padding) {
    throw Error(fmt::format(
        "a pooling window (kernel_size) of {} does not fit an input of length {} (shape {}) "
        "with padding {}",
        options.window, input[0], to_string(input), options.padding));
  }
  return {.length = input[0],
          .batch = input[1],
          .channels = input[2],
          .window = options.window,
          .stride = options.stride,
          .padding = options.padding};
}

Tensor empty_output(const Tensor& input, const kernels::Pool1dShape& shape) {
  return Tensor::empty({shape.out_length(), shape.batch, shape.channels}, input.dtype(),
                       input.device());
}

}  // namespace

Variable max_pool1d(const Variable& input, const Pool1dOptions& options, bool relu) {
  const Tensor& x = input.value();
  const kernels::Pool1dShape shape = pool_shape(x, options);
  Tensor y = empty_output(x, shape);
  dispatch(x, [&]<class T>(const auto& context, T) {
    kernels::max_pool1d_forward(
        context, kernels::MaxPool1dForward<T>{
                     .shape = shape, .relu = relu, .input = x.data<T>(), .output = y.data<T>()});
  });
  return make_result(
      y, {input}, [input = GradSlot(input), x, y, shape, relu](const Tensor& output_grad) {
        Tensor input_grad = input.empty_grad();
        dispatch(x, [&]<class T>(const auto& context, T) {
          kernels::max_pool1d_backward(
              context, kernels::MaxPool1dBackward<T>{.shape = shape,
                                                     .relu = relu,
                                                     .input = x.data<T>(),
                                                     .output = y.data<T>(),
                                                     .output_grad = output_grad.data<T>(),
                                                     .input_grad = input_grad.data<T>()});
        });
        input.add_grad(std::move(input_grad));
      });
}

Variable average_pool1d(const Variable& input, const Pool1dOptions& options) {
  const Tensor& x = input.value();
  const kernels::Pool1dShape shape = pool_shape(x, options);
  Tensor y = empty_output(x, shape);
  dispatch(x, [&]<class T>(const auto& context, T) {
    kernels::average_pool1d_forward(
        context, kernels::AveragePool1dForward<T>{
                     .shape = shape, .input = x.data<T>(), .output = y.data<T>()});
  });
  return make_result(y, {input}, [input = GradSlot(input), shape](const Tensor& output_grad) {
    Tensor input_grad = input.empty_grad();
    dispatch(output_grad, [&]<class T>(const auto& context, T) {
      kernels::average_pool1d_backward(
          context, kernels::AveragePool1dBackward<T>{.shape = shape,
                                                     .output_grad = output_grad.data<T>(),
                                                     .input_grad = input_grad.data<T>()});
    });
    input.add_grad(std::move(input_grad));
  });
}

namespace {

/// What is left of the padding of a masked sequence after pooling: zeros.
Signal masked(const Variable& y, const Tensor& lengths, const Pool1dOptions& options) {
  if (!lengths.defined()) return {y};
  const Tensor left = slide_lengths(lengths, options.window, options.stride, options.padding);
  return {mask_positions(y, left), left};
}

Pool1dOptions options_of(const LayerSpec& layer) {
  return {.window = layer.integer("kernel_size"),
          .stride = layer.integer("stride"),
          .padding = layer.integer("padding")};
}

LayerType pool_layer(const char* name, const char* help, const char* padding) {
  LayerType type;
  type.name = name;
  type.help = help;
  type.keys = {
      {.name = "kernel_size", .allowed = Whole{1}, .help = "positions a window"},
      {.name = "stride",
       .allowed = Whole{1},
       .otherwise_as = "kernel_size",
       .help = "positions from a window to the next"},
      {.name = "padding",
       .allowed = Whole{0},
       .otherwise = int64_t{0},
       .help = "positions added at each end; at most half of kernel_size"},
  };
  type.turns = type.into = "sequence";
  type.padding = padding;
  type.check = [](const LayerSpec& layer, const FailAtKey& fail) {
    if (layer.integer("padding") > layer.integer("kernel_size") / 2) {
      fail("padding", "'padding' of a pool must be at most half of its kernel_size");
    }
  };
  type.flow = [](const LayerSpec& layer, Flows inputs) {
    const Pool1dOptions options = options_of(layer);
    return slid(inputs[0], "window", {options.window, options.stride, options.padding},
                inputs[0].channels);
  };
  return type;
}

}  // namespace

Signal MaxPool1d::apply(std::span<const Signal> inputs) {
  Variable x = inputs[0].x;
  const Tensor& lengths = inputs[0].lengths;
  if (lengths.defined() && options_.padding > 0) {  // else a window is in the sequence or masked
    x = mask_positions(x, lengths, -std::numeric_limits<double>::infinity());
  }
  return masked(max_pool1d(x, options_, relu_), lengths, options_);
}

Signal AveragePool1d::apply(std::span<const Signal> inputs) {
  return masked(average_pool1d(inputs[0].x, options_), inputs[0].lengths, options_);
}

LayerType max_pool1d_layer() {
  LayerType type =
      pool_layer("max_pool1d", "the largest value of each window of positions, for each channel",
                 "is never the largest; what a sequence alone would not give is zeros");
  type.build = [](const LayerSpec& layer, Flows, LayerBuild&) -> std::unique_ptr<Layer> {
    return std::make_unique<MaxPool1d>(options_of(layer), layer.flag("relu"));
  };
  return type;
}

LayerType average_pool1d_layer() {
  LayerType type =
      pool_layer("average_pool1d",
                 "the mean of each window of positions, padding counted as zeros, for each channel",
                 "is read as zeros; what a sequence alone would not give is zeros");
  type.build = [](const LayerSpec& layer, Flows, LayerBuild&) -> std::unique_ptr<Layer> {
    return std::make_unique<AveragePool1d>(options_of(layer));
  };
  return type;
}

}  // namespace stroma
