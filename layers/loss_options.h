// What a loss may be told besides labels and the weights of classes.
#pragma once

#include "engine/tensor.h"

namespace stroma {

struct LossOptions {
  Tensor example_weights = {};  // [batch] of the logits' type; undefined: all 1
  double label_smoothing = 0;   // in [0, 1)
  double share = 1;  // what the loss is multiplied by where it is a part of several; not so the
                     // statistics
};

}  // namespace stroma
