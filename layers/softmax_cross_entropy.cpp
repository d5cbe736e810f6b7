#include "layers/softmax_cross_entropy.h"

#include <utility>

#include "kernels/softmax_cross_entropy.h"
#include "layers/classification_loss.h"

namespace stroma {

Variable softmax_cross_entropy(const Variable& logits, const Tensor& labels,
                               const Tensor& class_weights, Tensor statistics,
                               const LossOptions& options) {
  const char* const name = "cross-entropy";
  check_input(name, logits.value(), {any, any});
  const Shape& shape = logits.shape();
  return classification_loss(
      name, logits, labels, {shape[0]}, class_weights, shape[1], std::move(statistics), options,
      [](const auto& context, const auto& l) { kernels::softmax_cross_entropy(context, l); });
}

Tensor softmax_probabilities(const Tensor& logits) {
  check_input("softmax", logits, {any, any});
  Tensor output = Tensor::empty(logits.shape(), logits.dtype(), logits.device());
  dispatch(logits, [&]<class T>(const auto& context, T) {
    kernels::softmax(context, logits.size(0), logits.size(1), logits.data<T>(), output.data<T>());
  });
  return output;
}

}  // namespace stroma
