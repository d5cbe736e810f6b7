#include "layers/softmax_cross_entropy.h"

#include <utility>

#include "engine/dispatch.h"
#include "engine/operand.h"
#include "kernels/elementwise.h"
#include "kernels/softmax_cross_entropy.h"

namespace stroma {

Variable softmax_cross_entropy(const Variable& logits, const Tensor& labels,
                               const Tensor& class_weights, Tensor statistics) {
  const Tensor& z = logits.value();
  const char* const name = "cross-entropy";
  check_input(name, z, {any, any});
  const Shape shape = z.shape();
  check_operand(name, "labels", labels, {shape[0]}, DType::int32, z.device());
  if (class_weights.defined()) check_operand(name, "class weights", class_weights, {shape[1]}, z);
  if (statistics.defined()) {
    check_operand(name, "statistics", statistics, {2}, DType::float64, z.device());
  }
  Tensor loss = Tensor::empty({1}, z.dtype(), z.device());
  Tensor logits_grad;  // of the loss itself; the backward pass has only to scale it
  if (records({logits})) logits_grad = Tensor::empty(shape, z.dtype(), z.device());
  dispatch(z, [&]<class T>(const auto& context, T) {
    kernels::softmax_cross_entropy(
        context, kernels::SoftmaxCrossEntropy<T>{
                     .batch = shape[0],
                     .classes = shape[1],
                     .logits = z.data<T>(),
                     .labels = labels.data<int32_t>(),
                     .class_weights = class_weights.defined() ? class_weights.data<T>() : nullptr,
                     .loss = loss.data<T>(),
                     .logits_grad = logits_grad.defined() ? logits_grad.data<T>() : nullptr,
                     .statistics = statistics.defined() ? statistics.data<double>() : nullptr});
  });
  // The history of a graph is walked once, so the gradient may be scaled in place.
  return make_result(std::move(loss), {logits},
                     [logits = GradSlot(logits), logits_grad](const Tensor& output_grad) mutable {
                       dispatch(output_grad, [&]<class T>(const auto& context, T) {
                         kernels::scale(context, logits_grad.data<T>(), logits_grad.count(),
                                        output_grad.data<T>());
                       });
                       logits.add_grad(std::move(logits_grad));
                     });
}

}  // namespace stroma
