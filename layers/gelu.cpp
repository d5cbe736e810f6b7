#include "layers/gelu.h"

#include <string>
#include <utility>

#include "engine/dispatch.h"
#include "engine/operand.h"
#include "kernels/gelu.h"
#include "layers/layer_type.h"

namespace stroma {

Variable gelu(const Variable& input, bool approximate) {
  const Tensor& x = input.value();
  check_input("GELU", x);
  Tensor y = Tensor::empty(x.shape(), x.dtype(), x.device());
  dispatch(x, [&]<class T>(const auto& context, T) {
    kernels::gelu(context, kernels::Gelu<T>{.approximate = approximate,
                                            .count = x.count(),
                                            .input = x.data<T>(),
                                            .output = y.data<T>()});
  });
  return make_result(y, {input},
                     [input = GradSlot(input), x, approximate](const Tensor& output_grad) {
                       Tensor input_grad = input.empty_grad();
                       dispatch(x, [&]<class T>(const auto& context, T) {
                         kernels::gelu_backward(
                             context, kernels::GeluBackward<T>{.approximate = approximate,
                                                               .count = x.count(),
                                                               .input = x.data<T>(),
                                                               .output_grad = output_grad.data<T>(),
                                                               .input_grad = input_grad.data<T>()});
                       });
                       input.add_grad(std::move(input_grad));
                     });
}

namespace {

class GeluLayer : public Layer {
 public:
  explicit GeluLayer(bool approximate) : approximate_(approximate) {}
  Signal apply(std::span<const Signal> inputs) override {
    return {gelu(inputs[0].x, approximate_), inputs[0].lengths};  // zeros of padding stay zeros
  }

 private:
  bool approximate_;
};

}  // namespace

LayerType gelu_layer() {
  return {
      .name = "gelu",
      .help = "x · Φ(x) of each element, Φ the distribution of a standard normal",
      .keys = {{.name = "approximate",
                .allowed = Words{"none", "tanh"},
                .otherwise = std::string("none"),
                .help = "\"tanh\": by a hyperbolic tangent, as PyTorch and Keras have it too"}},
      .turns = "anything",
      .into = "the same",
      .padding = "stays zeros",
      .flow = [](const LayerSpec&, Flows inputs) { return inputs[0]; },
      .build = [](const LayerSpec& layer, Flows, LayerBuild&) -> std::unique_ptr<Layer> {
        return std::make_unique<GeluLayer>(layer.word("approximate") == "tanh");
      },
  };
}

}  // namespace stroma
