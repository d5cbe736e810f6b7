// Splits that keep whole groups (genomes, genes, patients) in one part.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "datasets/split.h"

namespace stroma {

/// Whether the sequences of the dataset are in groups.
bool has_groups(const Dataset& dataset);

/// The groups of the examples, sorted by name.
std::vector<std::string> groups_of(const Dataset& dataset, const std::vector<int32_t>& examples);

/// Moves whole groups out of `examples`, in random order, each that brings the part nearer to
/// `fraction` of the examples (`by_class`: of each class, by the sum of squared distances); the
/// first in any case. Throws Error where that leaves none; `part` is its name in messages.
std::vector<int32_t> take_groups(const Dataset& dataset, std::vector<int32_t>& examples,
                                 double fraction, bool by_class, uint64_t seed, uint32_t step,
                                 const char* part);

/// Moves a fold out of `examples`. Groups are dealt to the folds, the largest first and those of
/// one size in random order, each to the fold that has least of its classes so far.
std::vector<int32_t> take_group_fold(const Dataset& dataset, std::vector<int32_t>& examples,
                                     int folds, int fold, uint64_t seed);

/// Moves the group of number `fold` out of `examples`.
std::vector<int32_t> take_one_group(const Dataset& dataset, std::vector<int32_t>& examples,
                                    int fold);

}  // namespace stroma
