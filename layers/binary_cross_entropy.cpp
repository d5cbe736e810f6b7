#include "layers/binary_cross_entropy.h"

#include <utility>

#include "kernels/binary_cross_entropy.h"
#include "layers/classification_loss.h"

namespace stroma {

Variable binary_cross_entropy(const Variable& logits, const Tensor& labels,
                              const Tensor& class_weights, Tensor statistics,
                              const LossOptions& options) {
  const char* const name = "binary cross-entropy";
  check_input(name, logits.value(), {any, any});
  Shape labels_shape = logits.shape();
  if (labels_shape[1] == 1 && labels.shape().size() == 1) labels_shape.pop_back();
  return classification_loss(
      name, logits, labels, labels_shape, class_weights, 2, std::move(statistics), options,
      [](const auto& context, const auto& l) { kernels::binary_cross_entropy(context, l); });
}

Tensor binary_probabilities(const Tensor& logits) {
  check_input("the probabilities of two classes", logits, {any, 1});
  Tensor output = Tensor::empty({logits.size(0), 2}, logits.dtype(), logits.device());
  dispatch(logits, [&]<class T>(const auto& context, T) {
    kernels::binary_probabilities(context, logits.size(0), logits.data<T>(), output.data<T>());
  });
  return output;
}

}  // namespace stroma
