#include "layers/flatten.h"

#include <utility>

#include "engine/dispatch.h"
#include "engine/operand.h"
#include "kernels/elementwise.h"
#include "kernels/flatten.h"
#include "layers/layer_type.h"

namespace stroma {

Variable flatten(const Variable& input) {
  const Tensor& x = input.value();
  check_input("flatten", x, {any, any, any});
  const int64_t length = x.size(0), batch = x.size(1), channels = x.size(2);
  Tensor y = Tensor::empty({batch, channels * length}, x.dtype(), x.device());
  dispatch(x, [&]<class T>(const auto& context, T) {
    kernels::flatten(context,
                     kernels::Flatten<T>{length, batch, channels, x.data<T>(), y.data<T>()});
  });
  return make_result(std::move(y), {input},
                     [input = GradSlot(input), length, batch, channels](const Tensor& output_grad) {
                       Tensor input_grad = input.empty_grad();
                       dispatch(output_grad, [&]<class T>(const auto& context, T) {
                         kernels::unflatten(context, kernels::Flatten<T>{length, batch, channels,
                                                                         output_grad.data<T>(),
                                                                         input_grad.data<T>()});
                       });
                       input.add_grad(std::move(input_grad));
                     });
}

Variable select_last(const Variable& input) {
  const Tensor& x = input.value();
  check_input("select_last", x, {any, any, any});
  const int64_t last = x.size(0) - 1;
  return make_result(x.rows(last, 1).reshape({x.size(1), x.size(2)}), {input},
                     [input = GradSlot(input), last](const Tensor& output_grad) {
                       Tensor last_grad = input.grad_to_add_to().rows(last, 1);
                       dispatch(output_grad, [&]<class T>(const auto& context, T) {
                         kernels::add_to(context, last_grad.data<T>(), output_grad.data<T>(),
                                         last_grad.count());
                       });
                     });
}

LayerType flatten_layer() {
  return {
      .name = "flatten",
      .help = "joins all positions, channel by channel as in PyTorch; padding is read as zeros",
      .keys = {},
      .turns = "sequence",
      .into = "vector",
      .padding = "is read as zeros",
      .flow =
          [](const LayerSpec&, Flows inputs) {
            need_sequence(inputs[0]);
            return Flow{false, 0, count_of({inputs[0].length, inputs[0].channels})};
          },
      .build = [](const LayerSpec&, Flows, LayerBuild&) -> std::unique_ptr<Layer> {
        return std::make_unique<Flatten>();
      },
  };
}

}  // namespace stroma
