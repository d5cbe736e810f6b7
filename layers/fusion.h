// What layers a network computes: those of its spec, some of them joined into one operation. It is
// decided here and nowhere else, from one list of layers to another; what is saved, exported and
// printed is the spec as written.
#pragma once

#include <vector>

#include "layers/layer_spec.h"

namespace stroma {

/// The same function of the same parameters, in fewer operations:
///   - a convolution, of one group, of the network's input reads letters (option "letters");
///   - a ReLU of what such a convolution gives, where nothing else reads it, is part of it
///   ("relu");
///   - a ReLU before a maximum pool is computed after it, on fewer elements, as part of it
///   ("relu").
/// `number` and `line` of a layer stay those of the spec as written.
std::vector<LayerSpec> fused(std::vector<LayerSpec> layers);

}  // namespace stroma
