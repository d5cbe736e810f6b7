#include "augment/augmentation.h"

#include <utility>

#include "augment/reverse_complement.h"

namespace stroma {
namespace {

/// The function of each Augmentation, in its order.
constexpr AlterLetters alterations[] = {nullptr, reverse_complements};

std::vector<LabelledWindow> windows_of(const Dataset& dataset,
                                       const std::vector<int32_t>& examples) {
  std::vector<LabelledWindow> windows;
  windows.reserve(examples.size());
  for (const int32_t i : examples) {
    const Example& example = dataset.examples[i];
    Sequence window;
    window.id = example_id(dataset, example);
    window.letters = dataset.window(example);
    const Sequence& source = dataset.sequences[example.sequence];
    window.line = source.line;
    window.file = source.file;
    window.record = source.record;
    window.weight = dataset.weights.empty() ? 1 : dataset.weights[i];
    windows.push_back({std::move(window), example.label});
    if (!dataset.label_sets.empty())
      windows.back().label_set = dataset.label_sets[example.sequence];
  }
  return windows;
}

}  // namespace

void augment_training_part(Dataset& dataset, Split& split, Augmentation augmentation,
                           uint64_t seed) {
  const AlterLetters alter = alterations[static_cast<std::size_t>(augmentation)];
  if (!alter) return;
  for (LabelledWindow& window : alter(windows_of(dataset, split.train), seed)) {
    split.train.push_back(static_cast<int32_t>(dataset.examples.size()));
    dataset.examples.push_back({static_cast<int32_t>(dataset.sequences.size()), 0, window.label});
    if (!dataset.names.empty()) dataset.names.push_back(window.sequence.id);
    if (!dataset.weights.empty()) dataset.weights.push_back(window.sequence.weight);
    if (!dataset.label_sets.empty()) dataset.label_sets.push_back(std::move(window.label_set));
    dataset.sequences.push_back(std::move(window.sequence));
  }
}

}  // namespace stroma
