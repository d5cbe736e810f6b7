#include "training/run_parts.h"

#include <algorithm>
#include <utility>

namespace stroma {
namespace {

InputStandardization standardization_in(const RunConfig& config, Device device) {
  if (config.mean.empty()) return {};
  const Shape shape{config.length, alphabet_of(config.model).size()};
  return {Tensor::of(config.mean, shape, device), Tensor::of(config.inverse_sd, shape, device)};
}

}  // namespace

ModelSpec spec_for(const RunConfig& config) {
  ModelSpec spec = config.model;
  spec.length = config.length;
  return spec;
}

Learner learner_of(const RunConfig& config, Device device, DeviceDataset data,
                   Tensor class_weights) {
  return {spec_for(config),
          std::ssize(config.labels),
          standardization_in(config, device),
          config.seed,
          device,
          std::move(data),
          std::move(class_weights)};
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

std::optional<MemoryBaseline> memory_of(const RunConfig& config, const Dataset& dataset,
                                        const Split& split) {
  std::vector<int32_t> seen = split.train;
  seen.insert(seen.end(), split.validation.begin(), split.validation.end());
  std::sort(seen.begin(), seen.end());  // by sequence, as the table takes windows together
  const int64_t usual = config.model.alphabet == "protein" ? 4 : 12;
  auto memory = memory_baseline(dataset, seen, split.test,
                                {.k = config.memory_k > 0 ? config.memory_k : usual,
                                 .whole_sequences = !config.data.augment});
  if (memory && config.data.unseen == Unseen::wrong) {
    const auto lower = [&](double accuracy) {
      return with_wrong(accuracy, std::ssize(split.test), dataset.unseen_tests);
    };
    memory->vote = lower(memory->vote);
    if (memory->look_up) memory->look_up = lower(*memory->look_up);
  }
  return memory;
}

}  // namespace stroma
