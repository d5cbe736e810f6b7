// What the losses of classification share: a row of numbers for each example, what it is held
// against, and the mean over the batch, in which examples may weigh differently. With v_n the
// weight of example n, of which each loss says more,
//   loss = Σ_n v_n · loss_n ÷ Σ_n v_n
// the weighted mean of PyTorch's cross_entropy; 0 where all weights are 0.
#pragma once

#include <cstdint>

#include "kernels/check.h"
#include "kernels/context.h"

namespace stroma::kernels {

template <class T>
struct ClassificationLoss {
  int64_t batch, classes;  // classes: numbers an example has
  const T* logits;         // [batch, classes]
  const int32_t* labels;   // [batch], each in [0, classes), or as the loss says
  const T* class_weights;  // [classes], or as the loss says; nullptr: all 1
  T* loss;                 // [1], written
  T* logits_grad;          // [batch, classes], written; nullptr where nobody asks
  double* statistics;      // [2]: loss · batch and the number of hits, both added to; or nullptr
  const T* example_weights = nullptr;  // [batch], at least 0; nullptr: all 1
  double label_smoothing = 0;          // in [0, 1); what it is the loss says
  double share = 1;  // what `loss` and its gradient are multiplied by, not so the statistics

  void check() const {
    STROMA_ASSERT(batch >= 1 && classes >= 1, "there are examples and classes");
    STROMA_ASSERT(logits && labels && loss, "logits, labels and loss are there");
    STROMA_ASSERT(label_smoothing >= 0 && label_smoothing < 1, "smoothing leaves some certainty");
  }
};

}  // namespace stroma::kernels
