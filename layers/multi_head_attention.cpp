#include "layers/multi_head_attention.h"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "engine/dispatch.h"
#include "engine/operand.h"
#include "kernels/error.h"
#include "kernels/multi_head_attention.h"
#include "layers/layer_type.h"
#include "layers/linear.h"
#include "layers/sequence_lengths.h"

namespace stroma {

Variable multi_head_attention(const Variable& qkv, int64_t heads, const Tensor& lengths) {
  const char* const name = "attention";
  const Tensor& x = qkv.value();
  check_input(name, x, {any, any, any});
  const int64_t length = x.size(0), batch = x.size(1), channels = x.size(2) / 3;
  if (heads < 1 || x.size(2) % (3 * heads) != 0) {
    throw Error(fmt::format("attention in {} heads takes an input of 3 · {} · d channels, not {}",
                            heads, heads, to_string(x)));
  }
  if (lengths.defined()) check_lengths(name, x, lengths);
  const kernels::AttentionShape shape{
      .length = length, .batch = batch, .channels = channels, .heads = heads};
  Tensor log_sums = Tensor::empty({batch, heads, length}, x.dtype(), x.device());
  Tensor y = Tensor::empty({length, batch, channels}, x.dtype(), x.device());
  dispatch(x, [&]<class T>(const auto& context, T) {
    kernels::multi_head_attention(
        context, kernels::MultiHeadAttention<T>{.shape = shape,
                                                .qkv = x.data<T>(),
                                                .lengths = data_or_null<int32_t>(lengths),
                                                .log_sums = log_sums.data<T>(),
                                                .output = y.data<T>()});
  });
  return make_result(
      y, {qkv}, [qkv = GradSlot(qkv), shape, x, y, log_sums, lengths](const Tensor& output_grad) {
        Tensor qkv_grad = qkv.empty_grad();
        dispatch(x, [&]<class T>(const auto& context, T) {
          kernels::multi_head_attention_backward(
              context,
              kernels::MultiHeadAttentionBackward<T>{.shape = shape,
                                                     .qkv = x.data<T>(),
                                                     .lengths = data_or_null<int32_t>(lengths),
                                                     .log_sums = log_sums.data<T>(),
                                                     .output = y.data<T>(),
                                                     .output_grad = output_grad.data<T>(),
                                                     .qkv_grad = qkv_grad.data<T>()});
        });
        qkv.add_grad(std::move(qkv_grad));
      });
}

MultiHeadAttention::MultiHeadAttention(int64_t channels, int64_t heads, InitialWeights& init)
    : heads_(heads) {
  const double glorot = std::sqrt(6.0 / static_cast<double>(4 * channels));
  in_weight_ = register_parameter("in_proj_weight",
                                  uniform_parameter({3 * channels, channels}, glorot, init));
  in_bias_ =
      register_parameter("in_proj_bias", Tensor::zeros({3 * channels}, init.dtype, init.device));
  out_weight_ = register_parameter("out_proj.weight",
                                   initial_kernel({channels, channels}, channels, channels, init));
  out_bias_ =
      register_parameter("out_proj.bias", Tensor::zeros({channels}, init.dtype, init.device));
}

Signal MultiHeadAttention::apply(std::span<const Signal> inputs) {
  const Signal& input = inputs[0];
  const Variable qkv = linear(input.x, in_weight_, in_bias_);
  const Variable joined = multi_head_attention(qkv, heads_, input.lengths);
  const Variable y = linear(joined, out_weight_, out_bias_);
  if (!input.lengths.defined()) return {y};
  return {mask_positions(y, input.lengths), input.lengths};
}

namespace {

Flow flow_of(const LayerSpec& layer, Flows inputs) {
  need_sequence(inputs[0]);
  const int64_t heads = layer.integer("num_heads");
  if (inputs[0].channels % heads != 0) {
    throw Error(fmt::format("num_heads = {} does not divide its {} input channels", heads,
                            inputs[0].channels));
  }
  return inputs[0];
}

}  // namespace

LayerType multi_head_attention_layer() {
  return {
      .name = "multi_head_attention",
      .help =
          "each position becomes a mean of all, weighted by how its query fits their keys; "
          "queries, keys and values are projections of the input, and the result is projected "
          "again",
      .keys = {{.name = "num_heads",
                .allowed = Whole{1},
                .help = "parts into which the channels are divided, each with weights of its own"}},
      .has_parameters = true,
      .turns = "sequence",
      .into = "sequence",
      .padding = "is not attended to and gives zeros",
      .flow = flow_of,
      .build = [](const LayerSpec& layer, Flows inputs,
                  LayerBuild& with) -> std::unique_ptr<Layer> {
        return std::make_unique<MultiHeadAttention>(inputs[0].channels, layer.integer("num_heads"),
                                                    with.init);
      },
      .multiply_adds =
          [](const LayerSpec&, Flows inputs) {
            return inputs[0].elements() * (4 * inputs[0].channels + 2 * inputs[0].length);
          },
  };
}

}  // namespace stroma
