// A model's graph as text: a line a layer.
#pragma once

#include <string>

#include "layers/model_summary.h"

namespace stroma {

/// "12,345".
std::string with_commas(int64_t number);

/// What other layers and the user call it: its name, else its type and number ("relu 2").
std::string name_of(const LayerSpec& layer);

/// "40 × 64", or "100" of a vector.
std::string extents(const Flow& flow);

std::string table_of(const ModelSpec& spec, const ModelSummary& summary, int64_t classes);

}  // namespace stroma
