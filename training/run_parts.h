// What a configuration and its data make: the learner, the parts of the data.
#pragma once

#include <optional>
#include <vector>

#include "augment/memory_baseline.h"
#include "datasets/split.h"
#include "training/learner.h"
#include "training/run_config.h"

namespace stroma {

/// The model's spec for examples of another length than it names.
ModelSpec spec_for(const RunConfig& config);

/// The learner of `config`, whose labels and standardisation are known, with initial weights.
Learner learner_of(const RunConfig& config, Device device, DeviceDataset data = {},
                   Tensor class_weights = {});

/// The parts of the examples of `config`'s data.
Split split_of(const Dataset& dataset, const RunConfig& config);

/// The share of all examples that are right, of which `share` of `examples` are and `wrong` more
/// are not.
inline double with_wrong(double share, int64_t examples, int64_t wrong) {
  return share * static_cast<double>(examples) / static_cast<double>(examples + wrong);
}

/// What memory alone scores on the test part: it has seen the training and the validation part, as
/// both decide on the weights. Test examples of unseen labels count as for the model.
std::optional<MemoryBaseline> memory_of(const RunConfig& config, const Dataset& dataset,
                                        const Split& split);

}  // namespace stroma
