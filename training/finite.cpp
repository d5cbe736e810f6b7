#include "training/finite.h"

#include <algorithm>
#include <cmath>

namespace stroma {

bool all_finite(const std::vector<float>& values) {
  return std::all_of(values.begin(), values.end(),
                     [](float value) { return std::isfinite(value); });
}

bool all_finite(const Tensor& tensor) { return all_finite(tensor.to_vector<float>()); }

void check_weights(const Module& network, const std::filesystem::path& file) {
  for (const NamedParameter& parameter : network.parameters()) {
    if (all_finite(parameter.variable.value())) continue;
    throw Error(file.string() + ": " + parameter.name +
                " is not made of finite numbers: the training diverged, and there is nothing to "
                "compute from; train anew with --force, and " +
                after_divergence);
  }
}

}  // namespace stroma
