// multi_label: any number of labels an example, a yes or no for each.
#include "layers/activation.h"
#include "layers/binary_cross_entropy.h"
#include "layers/loss.h"

namespace stroma {

Loss multi_label() {
  return {.name = "multi_label",
          .several_labels = true,
          .weighs_classes = false,
          .of =
              [](const Variable& logits, const LossBatch& batch) {
                return binary_cross_entropy(logits, batch.answers, {}, batch.statistics,
                                            batch.options);
              },
          .probabilities = [](const Tensor& logits) { return sigmoid(Variable(logits)).value(); }};
}

}  // namespace stroma
