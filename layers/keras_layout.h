// Weights as Keras has them: its names, the paths of its variables
// ("lstm/forward_lstm/lstm_cell/bias"), its shapes, its order of gates, and where a sequence was
// flattened its order of elements.
#pragma once

#include <map>
#include <string>

#include "layers/network.h"

namespace stroma {

using NamedWeights = std::map<std::string, Tensor>;

/// The weights of a model of so many classes, from PyTorch's names, on the CPU. Throws Error naming
/// the layer that Keras does not have.
NamedWeights to_keras(const ModelSpec& spec, int64_t classes, const NamedWeights& weights);

/// Back to those that `network`, which is of that spec, has. Throws Error as Network::load does,
/// for one that is missing, unknown or misshapen.
NamedWeights from_keras(const ModelSpec& spec, int64_t classes, const Network& network,
                        const NamedWeights& weights);

/// Whether the names are Keras': some are, of this model.
bool in_keras_layout(const ModelSpec& spec, const NamedWeights& weights);

}  // namespace stroma
