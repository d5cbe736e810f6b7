// How examples are divided into parts: what a model's spec names and datasets/split.h does.
#pragma once

#include "engine/names.h"

namespace stroma {

enum class SplitMethod { random, stratified, kfold, leave_one_group_out };

template <>
struct NamesOf<SplitMethod> {
  static constexpr const char* kind = "split";
  static constexpr const char* all[] = {"random", "stratified", "kfold", "leave-one-group-out"};
};

}  // namespace stroma
