#include "layers/multi_margin.h"

#include <utility>

#include "kernels/multi_margin.h"
#include "layers/classification_loss.h"

namespace stroma {

Variable multi_margin(const Variable& logits, const Tensor& labels, const Tensor& class_weights,
                      Tensor statistics, const LossOptions& options) {
  const char* const name = "the hinge loss";
  check_input(name, logits.value(), {any, any});
  const Shape& shape = logits.shape();
  return classification_loss(
      name, logits, labels, {shape[0]}, class_weights, shape[1], std::move(statistics), options,
      [](const auto& context, const auto& l) { kernels::multi_margin(context, l); });
}

}  // namespace stroma
