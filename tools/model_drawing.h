// A model's graph as a drawing.
#pragma once

#include <string>

#include "layers/model_summary.h"

namespace stroma {

/// An SVG file: a box a layer, from the input at the top to the logits.
std::string drawing_of(const ModelSpec& spec, const ModelSummary& summary);

}  // namespace stroma
