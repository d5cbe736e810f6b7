// Which examples a model learns from, which ones end its training early, and which ones test it.
#pragma once

#include <cstdint>
#include <vector>

#include "datasets/dataset.h"
#include "engine/split_method.h"

namespace stroma {

struct SplitOptions {
  SplitMethod method = SplitMethod::random;
  double test_fraction = 0.2;        // of all; 0: no test part. Not with kfold
  double validation_fraction = 0.1;  // of the rest; 0: no validation part
  int folds = 5;                     // with kfold
  int fold = 0;  // with kfold: the test part, 0 … folds - 1; with leave_one_group_out: the group
  uint64_t seed = 0;
};

/// Indices into Dataset::examples, each example in one part, ascending.
struct Split {
  std::vector<int32_t> train, validation, test;
};

/// Splits the examples; the same seed and labels give the same parts on every machine. A part is
/// ⌈fraction · examples⌉ large, as scikit-learn's train_test_split has it.
///
/// `random` takes no notice of labels. `stratified` gives each class its share of each part, one
/// example more or less. `kfold` deals the examples of each class to the folds in turn (the sizes
/// of scikit-learn's StratifiedKFold); the test part is one fold, and the validation part a
/// stratified share of the others.
///
/// With leave_one_group_out the test part is one group, by number in the order of their names.
/// Where sequences have groups, these methods keep each of them whole in one part (group_split.h):
/// the fractions are then met as nearly as its groups allow. Sequences that were given for a part
/// are that part, whatever the method.
///
/// Throws Error for options out of range, for a dataset of one class, for a class without enough
/// examples for each stratified part, and where nothing is left to train on.
Split split_examples(const Dataset& dataset, const SplitOptions& options);

}  // namespace stroma
