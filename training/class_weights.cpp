#include "training/class_weights.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "datasets/dataset.h"
#include "kernels/error.h"

namespace stroma {
namespace {

using Given = std::vector<std::pair<std::string, double>>;

std::optional<double> weight_of(const Given& given, const std::string& label) {
  for (const auto& [name, weight] : given) {
    if (name == label) return weight;
  }
  return std::nullopt;
}

/// The weights given by label, in the order of the data's labels.
std::vector<float> in_order(const Given& given, const std::vector<std::string>& labels) {
  for (const auto& [name, weight] : given) {
    if (std::find(labels.begin(), labels.end(), name) != labels.end()) continue;
    throw Error(
        fmt::format("class_weights names the label \"{}\", which the data does not have; "
                    "leave it out",
                    name));
  }
  std::vector<float> weights;
  for (const std::string& label : labels) {
    const std::optional<double> weight = weight_of(given, label);
    if (!weight) {
      throw Error(
          fmt::format("class_weights gives the label \"{}\" no weight; give each of the "
                      "data's {} labels one",
                      label, labels.size()));
    }
    weights.push_back(static_cast<float>(*weight));
  }
  return weights;
}

}  // namespace

Tensor class_weights_of(const RunConfig& config, const Dataset& dataset,
                        const std::vector<int32_t>& train, Device device) {
  using Rule = ClassWeights::Rule;
  const auto& [rule, given] = config.model.training.class_weights;
  if (rule == Rule::none) return {};
  std::vector<float> weights;
  if (rule == Rule::given) {
    weights = in_order(given, dataset.labels);
  } else {
    std::vector<int64_t> count(dataset.labels.size());
    for (const int32_t example : train) ++count[dataset.examples[example].label];
    const float share = rule == Rule::balanced ? static_cast<float>(count.size()) : 1.0f;
    for (const int64_t n : count) {
      weights.push_back(
          n == 0 ? 1.0f : static_cast<float>(train.size()) / (share * static_cast<float>(n)));
    }
  }
  return Tensor::of(weights, {std::ssize(weights)}, device);
}

}  // namespace stroma
