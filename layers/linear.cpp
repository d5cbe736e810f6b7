#include "layers/linear.h"

#include <string>
#include <utility>

#include "engine/dispatch.h"
#include "engine/operand.h"
#include "kernels/elementwise.h"
#include "kernels/error.h"
#include "kernels/gemm.h"
#include "kernels/reduce.h"
#include "layers/layer_type.h"
#include "layers/sequence_lengths.h"

namespace stroma {
namespace {

/// What the backward pass needs: `x` for the gradient of the weight alone, `w` for the input's.
struct Saved {
  GradSlot input, weight, bias;
  Tensor x, w;
};

/// The gradients that are asked for, from output_grad [rows, out].
template <class T, class Context>
void backward(const Context& context, const Saved& saved, const Tensor& output_grad) {
  const auto& [input, weight, bias, x, w] = saved;
  const int64_t out = weight.shape()[0], in = weight.shape()[1];
  const int64_t rows = output_grad.count() / out;
  const T* dy = output_grad.data<T>();
  if (input.requires_grad()) {  // dy · W
    Tensor input_grad = input.empty_grad();
    kernels::gemm(context, kernels::Gemm<T>{.m = rows,
                                            .n = in,
                                            .k = out,
                                            .a = dy,
                                            .lda = out,
                                            .b = w.data<T>(),
                                            .ldb = in,
                                            .c = input_grad.data<T>(),
                                            .ldc = in});
    input.add_grad(std::move(input_grad));
  }
  if (weight.requires_grad()) {  // dyᵀ · x
    kernels::gemm(context, kernels::Gemm<T>{.transpose_a = true,
                                            .m = out,
                                            .n = in,
                                            .k = rows,
                                            .a = dy,
                                            .lda = out,
                                            .b = x.data<T>(),
                                            .ldb = in,
                                            .beta = 1,
                                            .c = weight.grad_to_add_to().data<T>(),
                                            .ldc = in});
  }
  if (bias.requires_grad()) {
    kernels::add_column_sums(context, dy, rows, out, out, bias.grad_to_add_to().data<T>());
  }
}

}  // namespace

Variable linear(const Variable& input, const Variable& weight, const Variable& bias) {
  const Tensor& x = input.value();
  const Tensor& w = weight.value();
  check_input("a linear layer", x);
  check_operand("a linear layer", "weight", w, {any, any}, x);
  if (x.shape().empty() || x.shape().back() != w.size(1)) {
    throw Error("a linear layer with weights of shape " + to_string(w.shape()) +
                " does not fit an input of shape " + to_string(x.shape()));
  }
  const int64_t out = w.size(0), in = w.size(1);
  if (bias.defined()) check_operand("a linear layer", "bias", bias.value(), {out}, x);
  Shape shape = x.shape();
  shape.back() = out;
  Tensor y = Tensor::empty(shape, x.dtype(), x.device());
  dispatch(x, [&]<class T>(const auto& context, T) {
    const int64_t rows = y.count() / out;
    if (bias.defined()) {
      kernels::repeat_row(context, bias.value().data<T>(), rows, out, y.data<T>());
    }
    kernels::gemm(context, kernels::Gemm<T>{.transpose_b = true,
                                            .m = rows,
                                            .n = out,
                                            .k = in,
                                            .a = x.data<T>(),
                                            .lda = in,
                                            .b = w.data<T>(),
                                            .ldb = in,
                                            .beta = bias.defined() ? T{1} : T{0},
                                            .c = y.data<T>(),
                                            .ldc = out});
  });
  const Saved saved{input, weight, bias, weight.requires_grad() ? x : Tensor(),
                    input.requires_grad() ? w : Tensor()};
  return make_result(std::move(y), {input, weight, bias}, [saved](const Tensor& output_grad) {
    dispatch(output_grad,
             [&]<class T>(const auto& context, T) { backward<T>(context, saved, output_grad); });
  });
}

Linear::Linear(int64_t in_features, int64_t out_features, InitialWeights& init, bool bias) {
  if (in_features < 1 || out_features < 1) {
    throw Error("a linear layer from " + std::to_string(in_features) + " to " +
                std::to_string(out_features) + " features cannot be; each is at least 1");
  }
  weight_ = register_parameter(
      "weight", initial_kernel({out_features, in_features}, in_features, out_features, init));
  if (bias) bias_ = register_parameter("bias", initial_bias({out_features}, in_features, init));
}

Signal Linear::apply(std::span<const Signal> inputs) {
  const auto& [x, lengths, letters] = inputs[0];
  const Variable y = linear(x, weight_, bias_);
  if (!lengths.defined()) return {y};
  return {bias_.defined() ? mask_positions(y, lengths) : y, lengths};
}

namespace {

Flow flow_of(const LayerSpec& layer, Flows inputs) {
  Flow output = inputs[0];
  output.channels = layer.integer("out_features");
  return output;
}

}  // namespace

LayerType linear_layer() {
  return {
      .name = "linear",
      .help =
          "a weighted sum of all inputs and a bias for each output: W · x + b; of a sequence, at "
          "each position by itself",
      .keys =
          {{.name = "out_features",
            .allowed = Whole{1},
            .or_word = "classes",
            .help = "outputs; \"classes\" for as many as the data has classes"},
           {.name = "bias", .allowed = Flag{}, .otherwise = true, .help = "whether b is added"}},
      .has_parameters = true,
      .turns = "anything",
      .into = "the same, of other channels",
      .padding = "is made zeros again",
      .flow = flow_of,
      .build = [](const LayerSpec& layer, Flows inputs,
                  LayerBuild& with) -> std::unique_ptr<Layer> {
        return std::make_unique<Linear>(inputs[0].channels, layer.integer("out_features"),
                                        with.init, layer.flag("bias"));
      },
      .multiply_adds =
          [](const LayerSpec& layer, Flows inputs) {
            return inputs[0].channels * flow_of(layer, inputs).elements();
          },
      .keras =
          [](const LayerSpec&) {
            return std::vector<KerasWeight>{
                {.name = "/kernel", .ours = {"weight"}, .reversed = true, .input_axis = 1},
                {.name = "/bias", .ours = {"bias"}}};
          },
  };
}

}  // namespace stroma
