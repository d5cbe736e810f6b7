#include "layers/group_mean.h"

#include <utility>

#include "engine/dispatch.h"
#include "engine/operand.h"
#include "kernels/group_mean.h"

namespace stroma {

GroupMeans group_means(const Variable& input, const Tensor& groups, const Tensor& row_weights) {
  const Tensor& x = input.value();
  const char* const name = "the mean of groups";
  check_input(name, x, {any, any});
  const int64_t rows = x.size(0), columns = x.size(1);
  check_operand(name, "groups", groups, {rows}, DType::int32, x.device());
  if (row_weights.defined()) check_operand(name, "row weights", row_weights, {rows}, x);
  Tensor y = Tensor::empty(x.shape(), x.dtype(), x.device());
  Tensor weights = Tensor::empty({rows}, x.dtype(), x.device());
  dispatch(x, [&]<class T>(const auto& context, T) {
    kernels::group_mean_forward(
        context, kernels::GroupMeanForward<T>{.rows = rows,
                                              .columns = columns,
                                              .groups = groups.data<int32_t>(),
                                              .row_weights = data_or_null<T>(row_weights),
                                              .input = x.data<T>(),
                                              .output = y.data<T>(),
                                              .weights = weights.data<T>()});
  });
  Variable means = make_result(
      std::move(y), {input}, [input = GradSlot(input), groups](const Tensor& output_grad) {
        Tensor input_grad = input.empty_grad();
        dispatch(output_grad, [&]<class T>(const auto& context, T) {
          kernels::group_mean_backward(
              context, kernels::GroupMeanBackward<T>{.rows = output_grad.size(0),
                                                     .columns = output_grad.size(1),
                                                     .groups = groups.data<int32_t>(),
                                                     .output_grad = output_grad.data<T>(),
                                                     .input_grad = input_grad.data<T>()});
        });
        input.add_grad(std::move(input_grad));
      });
  return {std::move(means), std::move(weights)};
}

}  // namespace stroma
