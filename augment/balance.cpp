#include "augment/balance.h"

#include <algorithm>
#include <cstddef>

namespace stroma {

std::vector<int32_t> balanced_by_duplicates(const Dataset& dataset,
                                            const std::vector<int32_t>& train) {
  std::vector<std::vector<int32_t>> of_class(dataset.labels.size());
  for (const int32_t i : train) of_class[dataset.examples[i].label].push_back(i);
  std::size_t largest = 0;
  for (const auto& examples : of_class) largest = std::max(largest, examples.size());
  std::vector<int32_t> balanced = train;
  for (const auto& examples : of_class) {
    if (examples.empty()) continue;
    for (std::size_t i = examples.size(); i < largest; ++i) {
      balanced.push_back(examples[i % examples.size()]);
    }
  }
  return balanced;
}

}  // namespace stroma
