// What a model is made of.
#pragma once

#include "engine/module.h"

namespace stroma {

/// A batch of windows of `length` letters into sequences that stay letter codes.
struct LetterBatch {
  Tensor codes;   // [all letters] uint8
  Tensor starts;  // [batch] int64: the first letter of each window in `codes`
  int64_t length = 0;

  int64_t batch() const { return starts.count(); }
};

/// Mean and inverse standard deviation of the one-hot input, [length, letters] each; both undefined
/// for none.
struct InputStandardization {
  Tensor mean, inverse_sd;
};

/// A module from one tensor to another. Sequences are [length, batch, channels], time first;
/// vectors are [batch, features].
class Layer : public Module {
 public:
  virtual Variable forward(const Variable& input) = 0;
};

}  // namespace stroma
