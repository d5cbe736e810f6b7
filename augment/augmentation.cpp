#include "augment/augmentation.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "augment/reverse_complement.h"
#include "kernels/error.h"

namespace stroma {
namespace {

/// The name and the function of each Augmentation, in its order.
struct Named {
  const char* name;
  AlterLetters alter;
};
constexpr Named augmentations[] = {{"none", nullptr}, {"reverse_complement", reverse_complements}};

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
    windows.push_back({std::move(window), example.label});
  }
  return windows;
}

}  // namespace

const std::vector<std::string>& augmentation_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const Named& each : augmentations) all.emplace_back(each.name);
    return all;
  }();
  return names;
}

std::string to_string(Augmentation augmentation) {
  return augmentations[static_cast<std::size_t>(augmentation)].name;
}

Augmentation augmentation_named(const std::string& name) {
  const std::vector<std::string>& names = augmentation_names();
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) {
    throw Error(
        fmt::format("\"{}\" is no augmentation; there are {}", name, fmt::join(names, " and ")));
  }
  return static_cast<Augmentation>(found - names.begin());
}

void augment_training_part(Dataset& dataset, Split& split, Augmentation augmentation,
                           uint64_t seed) {
  const AlterLetters alter = augmentations[static_cast<std::size_t>(augmentation)].alter;
  if (!alter) return;
  for (LabelledWindow& window : alter(windows_of(dataset, split.train), seed)) {
    split.train.push_back(static_cast<int32_t>(dataset.examples.size()));
    dataset.examples.push_back({static_cast<int32_t>(dataset.sequences.size()), 0, window.label});
    if (!dataset.names.empty()) dataset.names.push_back(window.sequence.id);
    dataset.sequences.push_back(std::move(window.sequence));
  }
}

}  // namespace stroma
