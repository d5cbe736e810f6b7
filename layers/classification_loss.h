// What the losses of classification do alike: check their tensors, run a kernel that computes the
// loss and the gradient of the logits at once, and scale that gradient in the backward pass.
#pragma once

#include <utility>

#include "engine/dispatch.h"
#include "engine/operand.h"
#include "engine/variable.h"
#include "kernels/classification_loss.h"
#include "kernels/elementwise.h"
#include "layers/loss_options.h"

namespace stroma {

/// The loss `kernel(context, kernels::ClassificationLoss<T>)` of logits [batch, classes]; `labels`
/// has the shape `labels_shape`, `class_weights`, where defined, is [weighed].
template <class Kernel>
Variable classification_loss(const char* name, const Variable& logits, const Tensor& labels,
                             const Shape& labels_shape, const Tensor& class_weights,
                             int64_t weighed, Tensor statistics, const LossOptions& options,
                             const Kernel& kernel) {
  const Tensor& z = logits.value();
  const Shape shape = z.shape();
  check_operand(name, "labels", labels, labels_shape, DType::int32, z.device());
  if (class_weights.defined()) check_operand(name, "class weights", class_weights, {weighed}, z);
  const Tensor& example_weights = options.example_weights;
  if (example_weights.defined()) {
    check_operand(name, "example weights", example_weights, {shape[0]}, z);
  }
  if (statistics.defined()) {
    check_operand(name, "statistics", statistics, {2}, DType::float64, z.device());
  }
  Tensor loss = Tensor::empty({1}, z.dtype(), z.device());
  Tensor logits_grad;  // of the loss itself; the backward pass has only to scale it
  if (records({logits})) logits_grad = Tensor::empty(shape, z.dtype(), z.device());
  dispatch(z, [&]<class T>(const auto& context, T) {
    kernel(context,
           kernels::ClassificationLoss<T>{.batch = shape[0],
                                          .classes = shape[1],
                                          .logits = z.data<T>(),
                                          .labels = labels.data<int32_t>(),
                                          .class_weights = data_or_null<T>(class_weights),
                                          .loss = loss.data<T>(),
                                          .logits_grad = data_or_null<T>(logits_grad),
                                          .statistics = data_or_null<double>(statistics),
                                          .example_weights = data_or_null<T>(example_weights),
                                          .label_smoothing = options.label_smoothing,
                                          .share = options.share});
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
