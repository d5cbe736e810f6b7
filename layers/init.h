// Initial values of parameters: each parameter of a model is a Philox stream of its own, numbered
// in the order of creation, so that a seed gives the same model on every device.
#pragma once

#include <cstdint>

#include "engine/tensor.h"

namespace stroma {

/// Where the layers of one model draw their initial weights from.
struct InitialWeights {
  uint64_t seed = 0;
  Device device = {};
  DType dtype = DType::float32;
  uint32_t next_parameter = 0;
};

/// A tensor uniform in [−bound, bound), for the next parameter of the model.
Tensor uniform_parameter(const Shape& shape, double bound, InitialWeights& init);

}  // namespace stroma
