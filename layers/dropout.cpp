#include "layers/dropout.h"

#include <string>
#include <utility>

#include "engine/dispatch.h"
#include "engine/operand.h"
#include "kernels/dropout.h"
#include "kernels/error.h"

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

}  // namespace stroma
