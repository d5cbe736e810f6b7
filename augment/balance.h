// Classes of unlike size made equal in the training part.
#pragma once

#include <cstdint>
#include <vector>

#include "datasets/dataset.h"
#include "engine/names.h"

namespace stroma {

/// How the training part is balanced.
enum class Balance { none, duplicate };

template <>
struct NamesOf<Balance> {
  static constexpr const char* kind = "way to balance classes";
  static constexpr const char* all[] = {"none", "duplicate"};
};

/// `train` with further entries for the examples of smaller classes, until each class has as many
/// as the largest: all examples of a class in turn, so that each is there as often as another of
/// its class or once more.
std::vector<int32_t> balanced_by_duplicates(const Dataset& dataset,
                                            const std::vector<int32_t>& train);

}  // namespace stroma
