#include "layers/dropout.h"

#include <string>
#include <utility>

#include "engine/dispatch.h"
#include "engine/operand.h"
#include "kernels/dropout.h"
#include "kernels/error.h"
#include "layers/layer_type.h"

namespace stroma {
namespace {

/// The same for values and for gradients.
Tensor masked(const Tensor& x, float probability, const TrainingClock& clock, uint32_t stream) {
  Tensor y = Tensor::empty(x.shape(), x.dtype(), x.device());
  dispatch(x, [&]<class T>(const auto& context, T) {
    kernels::dropout(context, kernels::Dropout<T>{.count = x.count(),
                                                  .probability = probability,
                                                  .seed = clock.seed,
                                                  .stream = stream,
                                                  .step = clock.step.data<int64_t>(),
                                                  .input = x.data<T>(),
                                                  .output = y.data<T>()});
  });
  return y;
}

}  // namespace

Variable dropout(const Variable& input, float probability, const TrainingClock& clock,
                 uint32_t stream) {
  if (!(probability >= 0 && probability < 1)) {
    throw Error("a dropout probability must be at least 0 and below 1, not " +
                std::to_string(probability));
  }
  const Tensor& x = input.value();
  check_input("dropout", x);
  if (probability == 0) return input;
  check_operand("dropout", "training step", clock.step, {1}, DType::int64, x.device());
  return make_result(
      masked(x, probability, clock, stream), {input},
      [input = GradSlot(input), probability, clock, stream](const Tensor& output_grad) {
        input.add_grad(masked(output_grad, probability, clock, stream));
      });
}

LayerType dropout_layer() {
  return {
      .name = "dropout",
      .help = "in training, makes elements 0 by chance and scales the others by 1 / (1 − p)",
      .keys = {{.name = "probability",
                .allowed = ranges::probability,
                .help = "p, that of an element to be dropped"}},
      .turns = "anything",
      .into = "the same",
      .padding = "stays zeros",
      .flow = [](const LayerSpec&, Flows inputs) { return inputs[0]; },
      .build = [](const LayerSpec& layer, Flows inputs,
                  LayerBuild& with) -> std::unique_ptr<Layer> {
        const float probability = layer.number_of("probability");
        return std::make_unique<Dropout>(probability, with.clock,
                                         with.drop(layer, "", probability, inputs[0]));
      },
  };
}

}  // namespace stroma
