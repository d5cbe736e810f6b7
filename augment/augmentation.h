// What alters the letters of training examples. The order is source, windows, split, augmentation:
// made before the split, a copy of a test example would be learned from.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "datasets/dataset.h"
#include "datasets/split.h"
#include "engine/names.h"

namespace stroma {

/// What each training example also enters as.
enum class Augmentation { none, reverse_complement };

template <>
struct NamesOf<Augmentation> {
  static constexpr const char* kind = "augmentation";
  static constexpr const char* all[] = {"none", "reverse_complement"};
};

/// An example that is a whole sequence.
struct LabelledWindow {
  Sequence sequence;                    // its id is that of the example, as "petA:18-57"
  int32_t label;                        // index into Dataset::labels
  std::vector<int32_t> label_set = {};  // of Dataset::label_sets, where there are any
};

/// What alters letters: from the training examples, and nothing else, to further ones.
using AlterLetters = std::vector<LabelledWindow> (*)(std::span<const LabelledWindow> train,
                                                     uint64_t seed);

/// Appends to the dataset what `augmentation` makes of the training examples, a sequence an
/// example, and their numbers to `split.train`. What the dataset and the split held stays as it
/// was. This is the only way from AlterLetters to a dataset, and it takes a split.
void augment_training_part(Dataset& dataset, Split& split, Augmentation augmentation,
                           uint64_t seed);

}  // namespace stroma
