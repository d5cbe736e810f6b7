// binary_cross_entropy: two classes by one number, the logit of the second.
#include "layers/binary_cross_entropy.h"

#include "layers/loss.h"

namespace stroma {

Loss binary_cross_entropy_loss() {
  return {.name = "binary_cross_entropy",
          .one_logit = true,
          .of =
              [](const Variable& logits, const LossBatch& batch) {
                return binary_cross_entropy(logits, batch.labels, batch.class_weights,
                                            batch.statistics, batch.options);
              },
          .probabilities = binary_probabilities};
}

}  // namespace stroma
