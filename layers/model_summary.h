// What a model is made of, in numbers.
#pragma once

#include <cstdint>
#include <vector>

#include "layers/layer_type.h"
#include "layers/model_spec.h"

namespace stroma {

struct LayerSummary {
  const LayerSpec* layer;  // of the spec that was summarised
  Flow output;             // of one example
  int64_t parameters = 0;
  int64_t multiply_adds =
      0;               // multiplications, each with an addition, of an example's forward pass
  bool fused = false;  // computed as part of the layer before or after it
};

struct ModelSummary {
  Flow input;
  std::vector<LayerSummary> layers;
};

/// Of a model for so many classes. Throws Error naming the layer that does not fit. `spec` must
/// outlive the summary.
ModelSummary summarize(const ModelSpec& spec, int64_t classes);

}  // namespace stroma
