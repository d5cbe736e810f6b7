// The layers of a spec, read from its TOML.
#pragma once

#include <string>
#include <vector>

#include "layers/layer_spec.h"

namespace stroma {

/// The layers that `array`, of tables, says; `init` is for those that do not say theirs. Throws
/// Error with `file` and the line of a layer for what its type does not allow, for a name that is
/// taken or unknown, and for an output that nothing reads.
std::vector<LayerSpec> read_layers(const toml::array& array, const std::string& file, Init init);

}  // namespace stroma
