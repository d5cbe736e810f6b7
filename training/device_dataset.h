// A dataset where the kernels can reach it: letter codes, and for each example its first letter,
// its label, and what else a loss may ask for.
#pragma once

#include <cstdint>
#include <vector>

#include "datasets/alphabet.h"
#include "datasets/dataset.h"
#include "engine/tensor.h"
#include "layers/network.h"

namespace stroma {

struct DeviceDataset {
  Tensor codes;          // [all letters] uint8
  Tensor example_start;  // [examples] int64: first letter in `codes`
  Tensor example_label;  // [examples] int32
  int64_t length = 0;    // letters an example, those of padding among them
  // [examples] int32: letters before the padding, where that is masked; else undefined
  Tensor example_length = {};
  Tensor example_weight = {};   // [examples] float32; undefined: all 1
  Tensor example_group = {};    // [examples] int32: the sequence that it is from
  Tensor example_answers = {};  // [examples, classes] int32: 1 for each label that it has, where
                                // there may be several; else undefined
};

/// Appends the codes of an example, dataset.length of them. Padding has the code of a letter
/// outside the alphabet.
void append_codes(const Dataset& dataset, const Example& example, const Alphabet& alphabet,
                  std::vector<uint8_t>& codes);

/// [examples, classes] int32: 1 for the label of each example, else 0. Labels that are none of the
/// classes have no 1.
Tensor answers_of(const std::vector<int32_t>& labels, int64_t classes, Device device);

DeviceDataset to_device(const Dataset& dataset, const Alphabet& alphabet, Device device);

/// A copy on `device`; the dataset itself if it is there already.
DeviceDataset copy_to(Device device, const DeviceDataset& data);

/// Mean and inverse standard deviation (population variance) of each one-hot feature over all
/// examples; a feature that never varies is only centred. As scikit-learn's StandardScaler.
InputStandardization standardization_of(const Dataset& dataset, const Alphabet& alphabet,
                                        Device device);

}  // namespace stroma
