#include "training/finite.h"

#include <algorithm>
#include <cmath>

namespace stroma {

bool all_finite(const std::vector<float>& values) {
  return std::all_of(values.begin(), values.end(),
                     [](float value) { return std::isfinite(value); });
}

bool all_finite(const Tensor& tensor) {
  return tensor.dtype() != DType::float32 || all_finite(tensor.to_vector<float>());
}

void check_weights(const Module& network, const std::filesystem::path& file) {
  for (const auto& [name, tensor] : network.state()) {
    if (all_finite(tensor)) continue;
    throw Error(file.string() + ": " + name +
                " is not made of finite numbers: the training diverged, and there is nothing to "
                "compute from; train anew with --force, and " +
                after_divergence);
  }
}

}  // namespace stroma
