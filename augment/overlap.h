// What a set of windows lets an accuracy say: the best that any classifier can reach on it, and how
// much of a test part a split has shown to the model in training.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "datasets/dataset.h"

namespace stroma {

/// [examples] a number that those of the same letters share.
std::vector<int64_t> equal_examples(const Dataset& dataset);

/// The share of examples that a classifier gets right which knows, for each distinct text, its most
/// frequent label: no classifier does better, since equal texts under other labels are errors for
/// all of them. 1 for a dataset without examples. `equal` as of equal_examples.
double label_ceiling(const Dataset& dataset, const std::vector<int64_t>& equal);
inline double label_ceiling(const Dataset& dataset) {
  return label_ceiling(dataset, equal_examples(dataset));
}

/// A sentence on a label ceiling.
std::string describe_label_ceiling(double ceiling);

/// The share of the examples `test` that have `min_shared` consecutive letters in common with any
/// of the examples `train`; both are indices into Dataset::examples. Of a padded dataset, a test
/// example of fewer letters counts where a training one has the same. 0 where `test` is empty.
double leakage(const Dataset& dataset, const std::vector<int32_t>& train,
               const std::vector<int32_t>& test, int64_t min_shared = 15);

/// The share of the examples `test` that have all letters in common with one of `train`. `equal` as
/// of equal_examples. 0 where `test` is empty.
double share_of_equal(const std::vector<int64_t>& equal, const std::vector<int32_t>& train,
                      const std::vector<int32_t>& test);

}  // namespace stroma
