// hinge: one class of several, by the margin to the others, as a linear support-vector machine.
#include "layers/loss.h"
#include "layers/multi_margin.h"
#include "layers/softmax_cross_entropy.h"

namespace stroma {

Loss hinge() {
  return {.name = "hinge",
          .smooths = false,
          .of =
              [](const Variable& logits, const LossBatch& batch) {
                return multi_margin(logits, batch.labels, batch.class_weights, batch.statistics,
                                    batch.options);
              },
          // Of scores, which rank the classes: shares that add up to 1, and no more.
          .probabilities = softmax_probabilities};
}

}  // namespace stroma
