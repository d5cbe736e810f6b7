#include "layers/leaky_relu.h"

#include <utility>

#include "engine/dispatch.h"
#include "engine/operand.h"
#include "kernels/leaky_relu.h"
#include "layers/layer_type.h"

namespace stroma {

Variable leaky_relu(const Variable& input, double slope) {
  const Tensor& x = input.value();
  check_input("leaky ReLU", x);
  Tensor y = Tensor::empty(x.shape(), x.dtype(), x.device());
  dispatch(x, [&]<class T>(const auto& context, T) {
    kernels::leaky_relu(context, kernels::LeakyRelu<T>{.count = x.count(),
                                                       .slope = static_cast<T>(slope),
                                                       .input = x.data<T>(),
                                                       .output = y.data<T>()});
  });
  return make_result(y, {input}, [input = GradSlot(input), x, slope](const Tensor& output_grad) {
    Tensor input_grad = input.empty_grad();
    dispatch(x, [&]<class T>(const auto& context, T) {
      kernels::leaky_relu_backward(
          context, kernels::LeakyReluBackward<T>{.count = x.count(),
                                                 .slope = static_cast<T>(slope),
                                                 .input = x.data<T>(),
                                                 .output_grad = output_grad.data<T>(),
                                                 .input_grad = input_grad.data<T>()});
    });
    input.add_grad(std::move(input_grad));
  });
}

namespace {

class LeakyRelu : public Layer {
 public:
  explicit LeakyRelu(double slope) : slope_(slope) {}
  Signal apply(std::span<const Signal> inputs) override {
    return {leaky_relu(inputs[0].x, slope_), inputs[0].lengths};  // zeros of padding stay zeros
  }

 private:
  double slope_;
};

}  // namespace

LayerType leaky_relu_layer() {
  return {
      .name = "leaky_relu",
      .help =
          "x of each element that is not negative, and `negative_slope` · "
          "x of the others",
      .keys = {{.name = "negative_slope",
                .allowed = ranges::at_least_zero,
                .otherwise = 0.01,
                .help = "what negative elements are multiplied by"}},
      .turns = "anything",
      .into = "the same",
      .padding = "stays zeros",
      .flow = [](const LayerSpec&, Flows inputs) { return inputs[0]; },
      .build = [](const LayerSpec& layer, Flows, LayerBuild&) -> std::unique_ptr<Layer> {
        return std::make_unique<LeakyRelu>(layer.number_of("negative_slope"));
      },
  };
}

}  // namespace stroma
