// cross_entropy: one class of several, softmax.
#include "layers/loss.h"
#include "layers/softmax_cross_entropy.h"

namespace stroma {

Loss cross_entropy() {
  return {.name = "cross_entropy",
          .of =
              [](const Variable& logits, const LossBatch& batch) {
                return softmax_cross_entropy(logits, batch.labels, batch.class_weights,
                                             batch.statistics, batch.options);
              },
          .probabilities = softmax_probabilities};
}

}  // namespace stroma
