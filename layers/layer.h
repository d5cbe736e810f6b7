// What a model is made of, and what flows between its layers.
#pragma once

#include <span>

#include "engine/module.h"

namespace stroma {

/// A batch of windows of `length` letters into sequences that stay letter codes.
struct LetterBatch {
  Tensor codes;         // [all letters] uint8
  Tensor starts;        // [batch] int64: the first letter of each window in `codes`
  int64_t length = 0;   // letters a window, those of the padding among them
  Tensor lengths = {};  // [batch] int32: letters before the padding; undefined: nothing is masked

  int64_t batch() const { return starts.count(); }
};

/// Mean and inverse standard deviation of the one-hot input, [length, letters] each; both undefined
/// for none.
struct InputStandardization {
  Tensor mean, inverse_sd;
};

/// What a network reads, before it is written out as one-hot rows.
struct Letters {
  const LetterBatch& batch;
  const InputStandardization& standardization;
};

/// What flows between layers.
struct Signal {
  Variable x;           // a sequence [length, batch, channels], time first, or a vector
                        // [batch, features]; undefined for letters
  Tensor lengths = {};  // of a masked sequence, [batch] int32: positions before its
                        // padding, which holds zeros; else undefined
  const Letters* letters = nullptr;  // for a layer that reads them itself
};

/// A module from the outputs of some layers to one of its own.
class Layer : public Module {
 public:
  virtual Signal apply(std::span<const Signal> inputs) = 0;
  /// The same of one input without lengths.
  Variable forward(const Variable& input) {
    const Signal signal{input};
    return apply({&signal, 1}).x;
  }
};

}  // namespace stroma
