#include "training/learner.h"

namespace stroma {
namespace {

/// The model's spec for examples of another length than it names.
ModelSpec spec_for(const RunConfig& config) {
  ModelSpec spec = config.model;
  spec.length = config.length;
  return spec;
}

InputStandardization standardization_in(const RunConfig& config, Device device) {
  if (config.mean.empty()) return {};
  const Shape shape{config.length, alphabet_named(config.model.alphabet).size()};
  return {Tensor::of(config.mean, shape, device), Tensor::of(config.inverse_sd, shape, device)};
}

}  // namespace

Device device_named(const std::string& name) {
  if (name == "cpu") return {};
  return {Device::Kind::cuda, name == "cuda" ? 0 : std::stoi(name.substr(5))};
}

Learner make_learner(const RunConfig& config, Device device) {
  Learner learner{{config.seed, Tensor::zeros({1}, DType::int64, device)}, nullptr};
  learner.network =
      std::make_unique<Network>(spec_for(config), static_cast<int64_t>(config.labels.size()),
                                standardization_in(config, device), learner.clock, device);
  return learner;
}

Tensor class_weights(const Dataset& dataset, const std::vector<int32_t>& train, Device device) {
  std::vector<int64_t> count(dataset.labels.size());
  for (const int32_t example : train) ++count[dataset.examples[example].label];
  std::vector<float> weights;
  for (const int64_t n : count) {
    weights.push_back(n == 0 ? 1.0f : static_cast<float>(train.size()) / static_cast<float>(n));
  }
  return Tensor::of(weights, {static_cast<int64_t>(weights.size())}, device);
}

Split split_of(const Dataset& dataset, const RunConfig& config) {
  const TrainingSpec& training = config.model.training;
  return naming_data(config.data, [&] {
    return split_examples(dataset, {.method = training.split,
                                    .test_fraction = training.test_fraction,
                                    .validation_fraction = training.validation_fraction,
                                    .folds = training.folds,
                                    .fold = config.fold - 1,
                                    .seed = config.seed});
  });
}

}  // namespace stroma
