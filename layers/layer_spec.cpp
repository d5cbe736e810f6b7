#include "layers/layer_spec.h"

#include <fmt/format.h>

namespace stroma {

std::string LayerSpec::title() const {
  return fmt::format("layer {} ({}{})", number, type, name.empty() ? "" : " '" + name + "'");
}

}  // namespace stroma
