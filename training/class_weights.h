// How much each class counts in the loss of a run.
#pragma once

#include <vector>

#include "training/run_config.h"

namespace stroma {

struct Dataset;

/// [classes] as the spec says, of the training examples: undefined where all count the same. A
/// class without any gets the weight 1, which nothing uses. Throws Error where weights are given by
/// label and a label has none, or is none of the data.
Tensor class_weights_of(const RunConfig& config, const Dataset& dataset,
                        const std::vector<int32_t>& train, Device device);

}  // namespace stroma
