#include "layers/conv1d.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "engine/dispatch.h"
#include "engine/operand.h"
#include "layers/activation.h"
#include "layers/conv1d_letters.h"
#include "layers/layer_type.h"
#include "layers/sequence_lengths.h"

namespace stroma {
namespace {

void check_options(const Conv1dOptions& options) {
  constexpr int64_t most = std::numeric_limits<int32_t>::max();  // what follows cannot overflow
  const int64_t high =
      std::max({options.stride, options.padding, options.dilation, options.groups});
  if (options.stride < 1 || options.padding < 0 || options.dilation < 1 || options.groups < 1 ||
      high > most) {
    throw Error(
        fmt::format("a convolution needs stride >= 1, padding >= 0, dilation >= 1 and "
                    "groups >= 1, and all below 2^31, not {}, {}, {} and {}",
                    options.stride, options.padding, options.dilation, options.groups));
  }
  if (options.same && (options.stride != 1 || options.padding != 0)) {
    throw Error("a convolution with \"same\" padding has a stride of 1 and no other padding");
  }
}

}  // namespace

kernels::Conv1dShape conv1d_shape(int64_t length, int64_t batch, int64_t in_channels,
                                  const Tensor& like, const Variable& weight, const Variable& bias,
                                  const Conv1dOptions& options) {
  check_options(options);
  const Tensor& w = weight.value();
  check_operand("a convolution", "weight", w, {any, any, any}, like);
  const Shape& shape = w.shape();
  const int64_t out_channels = shape[0], kernel_size = shape[2];
  if (out_channels % options.groups != 0) {
    throw Error(
        fmt::format("groups {} does not divide the output channels of a convolution with weight {}",
                    options.groups, to_string(shape)));
  }
  if (in_channels != shape[1] * options.groups) {
    throw Error(
        fmt::format("a convolution with weight {} and groups {} takes {} input channels, "
                    "not {}",
                    to_string(shape), options.groups, shape[1] * options.groups, in_channels));
  }
  if (bias.defined()) check_operand("a convolution", "bias", bias.value(), {out_channels}, like);
  if (length < 1 || batch < 1) {
    throw Error(fmt::format("a convolution takes a batch of sequences, not {} of length {}", batch,
                            length));
  }
  const int64_t around = options.dilation * (kernel_size - 1);  // what "same" adds in all
  if (!options.same && length + 2 * options.padding <= around) {
    throw Error(
        fmt::format("a convolution with kernel_size {} and dilation {} does not fit an "
                    "input of length {} with padding {}",
                    kernel_size, options.dilation, length, options.padding));
  }
  return {.length = length,
          .batch = batch,
          .in_channels = in_channels,
          .out_channels = out_channels,
          .kernel_size = kernel_size,
          .stride = options.stride,
          .padding = options.same ? around / 2 : options.padding,
          .dilation = options.dilation,
          .groups = options.groups,
          .end_padding = options.same ? around % 2 : 0};
}

Variable conv1d(const Variable& input, const Variable& weight, const Variable& bias,
                const Conv1dOptions& options) {
  const Tensor& x = input.value();
  check_input("a convolution", x, {any, any, any});
  const kernels::Conv1dShape shape =
      conv1d_shape(x.size(0), x.size(1), x.size(2), x, weight, bias, options);
  Tensor y =
      Tensor::empty({shape.out_length(), shape.batch, shape.out_channels}, x.dtype(), x.device());
  dispatch(x, [&]<class T>(const auto& context, T) {
    kernels::conv1d_forward(context,
                            kernels::Conv1dForward<T>{.shape = shape,
                                                      .input = x.data<T>(),
                                                      .weight = weight.value().data<T>(),
                                                      .bias = data_or_null<T>(bias.value()),
                                                      .output = y.data<T>()});
  });
  return make_result(
      y, {input, weight, bias},
      [input = GradSlot(input), weight = GradSlot(weight), bias = GradSlot(bias), shape,
       x = weight.requires_grad() ? x : Tensor(),
       w = input.requires_grad() ? weight.value() : Tensor()](const Tensor& output_grad) {
        Tensor input_grad;
        if (input.requires_grad()) input_grad = input.empty_grad();
        dispatch(output_grad, [&]<class T>(const auto& context, T) {
          kernels::conv1d_backward(
              context,
              kernels::Conv1dBackward<T>{.shape = shape,
                                         .input = weight.requires_grad() ? x.data<T>() : nullptr,
                                         .weight = input.requires_grad() ? w.data<T>() : nullptr,
                                         .output_grad = output_grad.data<T>(),
                                         .input_grad = data_or_null<T>(input_grad),
                                         .weight_grad = grad_or_null<T>(weight),
                                         .bias_grad = grad_or_null<T>(bias)});
        });
        if (input_grad.defined()) input.add_grad(std::move(input_grad));
      });
}

Conv1d::Conv1d(int64_t in_channels, int64_t out_channels, int64_t kernel_size,
               const Conv1dOptions& options, InitialWeights& init, bool relu)
    : relu_(relu), options_(options) {
  check_options(options);
  if (in_channels < 1 || out_channels < 1 || kernel_size < 1) {
    throw Error(
        fmt::format("a convolution from {} to {} channels with kernel_size {} cannot be; "
                    "each is at least 1",
                    in_channels, out_channels, kernel_size));
  }
  if (in_channels % options.groups != 0 || out_channels % options.groups != 0) {
    throw Error(
        fmt::format("groups {} does not divide the {} input and {} output channels of a "
                    "convolution",
                    options.groups, in_channels, out_channels));
  }
  const int64_t fan_in = in_channels / options.groups * kernel_size;
  weight_ = register_parameter(
      "weight", initial_kernel({out_channels, in_channels / options.groups, kernel_size}, fan_in,
                               out_channels * kernel_size, init));
  bias_ = register_parameter("bias", initial_bias({out_channels}, fan_in, init));
}

Signal Conv1d::apply(std::span<const Signal> inputs) {
  const auto& [x, lengths, letters] = inputs[0];
  Variable y;
  if (letters) {
    y = conv1d_letters(letters->batch, weight_, bias_, options_, letters->standardization, relu_);
  } else {
    y = conv1d(x, weight_, bias_, options_);
    if (relu_) y = stroma::relu(y);
  }
  if (!lengths.defined()) return {y};
  const int64_t reach = options_.dilation * (weight_.shape()[2] - 1) + 1;
  const Tensor left =
      options_.same ? lengths : slide_lengths(lengths, reach, options_.stride, options_.padding);
  return {mask_positions(y, left), left};
}

namespace {

Conv1dOptions options_of(const LayerSpec& layer) {
  const bool same = layer.options.at("padding") == LayerValue(std::string("same"));
  return {.stride = layer.integer("stride"),
          .padding = same ? 0 : layer.integer("padding"),
          .dilation = layer.integer("dilation"),
          .groups = layer.integer("groups"),
          .same = same};
}

Flow flow_of(const LayerSpec& layer, Flows inputs) {
  need_sequence(inputs[0]);
  const int64_t in_channels = inputs[0].channels, out_channels = layer.integer("out_channels");
  const int64_t groups = layer.integer("groups");
  if (in_channels % groups != 0 || out_channels % groups != 0) {
    throw Error(fmt::format("groups = {} does not divide its {} input and {} output channels",
                            groups, in_channels, out_channels));
  }
  const Conv1dOptions options = options_of(layer);
  const int64_t reach = options.dilation * (layer.integer("kernel_size") - 1) + 1;
  const Slide slide = options.same ? Slide{1, 1, 0} : Slide{reach, options.stride, options.padding};
  return slid(inputs[0], "kernel", slide, out_channels);
}

}  // namespace

LayerType conv1d_layer() {
  return {
      .name = "conv1d",
      .help = "slides kernels along a sequence; each gives a channel",
      .keys = {{.name = "out_channels", .allowed = Whole{1}, .help = "kernels"},
               {.name = "kernel_size", .allowed = Whole{1}, .help = "positions that one reads"},
               {.name = "stride",
                .allowed = Whole{1},
                .otherwise = int64_t{1},
                .help = "positions that they move at a time"},
               {.name = "padding",
                .allowed = Whole{0},
                .otherwise = int64_t{0},
                .or_word = "same",
                .help =
                    "zeros added at each end; \"same\": as many as keep the length, with an even "
                    "kernel one more at the end, as in PyTorch"},
               {.name = "dilation",
                .allowed = Whole{1},
                .otherwise = int64_t{1},
                .help = "positions between two that they read"},
               {.name = "groups",
                .allowed = Whole{1},
                .otherwise = int64_t{1},
                .help = "parts into which input and output channels are divided; a kernel reads "
                        "its own part"}},
      .has_parameters = true,
      .turns = "sequence",
      .into = "sequence",
      .padding = "is read as zeros; what a sequence alone would not give is zeros",
      .check =
          [](const LayerSpec& layer, const FailAtKey& fail) {
            if (const Conv1dOptions options = options_of(layer);
                options.same && options.stride != 1) {
              fail("padding",
                   "padding = \"same\" of a convolution needs stride = 1; with another stride, "
                   "write "
                   "the zeros at each end as a number");
            }
          },
      .flow = flow_of,
      .build = [](const LayerSpec& layer, Flows inputs,
                  LayerBuild& with) -> std::unique_ptr<Layer> {
        return std::make_unique<Conv1d>(inputs[0].channels, layer.integer("out_channels"),
                                        layer.integer("kernel_size"), options_of(layer), with.init,
                                        layer.flag("relu"));
      },
      .multiply_adds =
          [](const LayerSpec& layer, Flows inputs) {
            return flow_of(layer, inputs).elements() * layer.integer("kernel_size") *
                   (inputs[0].channels / layer.integer("groups"));
          },
      .keras =
          [](const LayerSpec&) {
            return std::vector<KerasWeight>{
                {.name = "/kernel", .ours = {"weight"}, .reversed = true},
                {.name = "/bias", .ours = {"bias"}}};
          },
  };
}

}  // namespace stroma
