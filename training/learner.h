// What a configuration and its data make: the network that learns, and the parts of the data.
#pragma once

#include <memory>

#include "datasets/split.h"
#include "engine/random.h"
#include "layers/network.h"
#include "training/run_config.h"

namespace stroma {

/// The device that "cpu", "cuda" or "cuda:1" names.
Device device_named(const std::string& name);

/// A network and the clock that its dropout reads.
struct Learner {
  TrainingClock clock;
  std::unique_ptr<Network> network;
};
/// The network of `config`, whose labels and standardisation are known, with initial weights.
Learner make_learner(const RunConfig& config, Device device);

/// [classes] N / n_c over the training examples; a class without any gets the weight 1, which
/// nothing uses.
Tensor class_weights(const Dataset& dataset, const std::vector<int32_t>& train, Device device);

/// The parts of the examples of `config`'s data.
Split split_of(const Dataset& dataset, const RunConfig& config);

}  // namespace stroma
