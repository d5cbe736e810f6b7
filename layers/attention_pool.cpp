#include "layers/attention_pool.h"

#include <utility>

#include "engine/dispatch.h"
#include "engine/operand.h"
#include "kernels/attention_pool.h"
#include "layers/activation.h"
#include "layers/layer_type.h"
#include "layers/linear.h"
#include "layers/sequence_lengths.h"

namespace stroma {

Variable attention_pool(const Variable& input, const Variable& scores, const Tensor& lengths) {
  const char* const name = "a pool by attention";
  const Tensor &x = input.value(), &s = scores.value();
  check_input(name, x, {any, any, any});
  const int64_t length = x.size(0), batch = x.size(1), channels = x.size(2);
  check_operand(name, "scores", s, {length, batch, 1}, x);
  if (lengths.defined()) check_lengths(name, x, lengths);
  Tensor weights = Tensor::empty({length, batch}, x.dtype(), x.device());
  Tensor y = Tensor::empty({batch, channels}, x.dtype(), x.device());
  dispatch(x, [&]<class T>(const auto& context, T) {
    kernels::attention_pool(context,
                            kernels::AttentionPool<T>{.length = length,
                                                      .batch = batch,
                                                      .channels = channels,
                                                      .input = x.data<T>(),
                                                      .scores = s.data<T>(),
                                                      .lengths = data_or_null<int32_t>(lengths),
                                                      .weights = weights.data<T>(),
                                                      .output = y.data<T>()});
  });
  // The input is read for the gradient of the scores alone, and so is the output.
  const Tensor kept_x = scores.requires_grad() ? x : Tensor();
  const Tensor kept_y = scores.requires_grad() ? y : Tensor();
  return make_result(y, {input, scores},
                     [input = GradSlot(input), scores = GradSlot(scores), kept_x, kept_y, weights,
                      length, batch, channels](const Tensor& output_grad) {
                       Tensor input_grad = input.requires_grad() ? input.empty_grad() : Tensor();
                       Tensor scores_grad = scores.requires_grad() ? scores.empty_grad() : Tensor();
                       dispatch(output_grad, [&]<class T>(const auto& context, T) {
                         kernels::attention_pool_backward(
                             context, kernels::AttentionPoolBackward<T>{
                                          .length = length,
                                          .batch = batch,
                                          .channels = channels,
                                          .input = data_or_null<T>(kept_x),
                                          .output = data_or_null<T>(kept_y),
                                          .weights = weights.data<T>(),
                                          .output_grad = output_grad.data<T>(),
                                          .input_grad = data_or_null<T>(input_grad),
                                          .scores_grad = data_or_null<T>(scores_grad)});
                       });
                       if (input_grad.defined()) input.add_grad(std::move(input_grad));
                       if (scores_grad.defined()) scores.add_grad(std::move(scores_grad));
                     });
}

namespace {

/// With the parameters of PyTorch's Sequential(Linear, Tanh, Linear), which gives the scores.
class AttentionPool : public Layer {
 public:
  AttentionPool(int64_t channels, int64_t hidden, InitialWeights& init)
      : hidden_(channels, hidden, init), score_(hidden, 1, init) {
    register_child("0", hidden_);
    register_child("2", score_);
  }
  Signal apply(std::span<const Signal> inputs) override {
    const Signal& input = inputs[0];
    const Variable scores = score_.forward(tanh(hidden_.forward(input.x)));
    return {attention_pool(input.x, scores, input.lengths)};
  }

 private:
  Linear hidden_, score_;
};

int64_t hidden_of(const LayerSpec& layer) { return layer.integer("hidden_size"); }

}  // namespace

LayerType attention_pool_layer() {
  return {
      .name = "attention_pool",
      .help =
          "the mean of all positions, each weighted by the softmax over them of w · tanh(W · x "
          "+ b) + c",
      .keys = {{.name = "hidden_size",
                .allowed = Whole{1},
                .help = "rows of W, which is `0.weight` of PyTorch's Sequential(Linear, Tanh, "
                        "Linear); w is its `2.weight`"}},
      .has_parameters = true,
      .turns = "sequence",
      .into = "vector",
      .padding = "has no weight; a sequence of no positions gives zeros",
      .flow =
          [](const LayerSpec&, Flows inputs) {
            need_sequence(inputs[0]);
            return Flow{false, 0, inputs[0].channels};
          },
      .build = [](const LayerSpec& layer, Flows inputs,
                  LayerBuild& with) -> std::unique_ptr<Layer> {
        return std::make_unique<AttentionPool>(inputs[0].channels, hidden_of(layer), with.init);
      },
      .multiply_adds =
          [](const LayerSpec& layer, Flows inputs) {
            return inputs[0].length *
                   ((inputs[0].channels + 1) * hidden_of(layer) + inputs[0].channels);
          },
  };
}

}  // namespace stroma
