#include "training/device_dataset.h"

#include <cmath>

namespace stroma {
namespace {

/// Of a dataset in which sequences have sets of labels; else undefined.
Tensor answers_by_sequence(const Dataset& dataset, Device device) {
  if (dataset.label_sets.empty()) return {};
  const int64_t classes = std::ssize(dataset.labels);
  std::vector<int32_t> answers(dataset.examples.size() * classes);
  auto row = answers.begin();
  for (const Example& example : dataset.examples) {
    for (const int32_t label : dataset.label_sets[example.sequence]) row[label] = 1;
    row += classes;
  }
  return Tensor::of(answers, {std::ssize(dataset.examples), classes}, device);
}

}  // namespace

Tensor answers_of(const std::vector<int32_t>& labels, int64_t classes, Device device) {
  std::vector<int32_t> answers(labels.size() * classes);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] >= 0 && labels[i] < classes) answers[i * classes + labels[i]] = 1;
  }
  return Tensor::of(answers, {std::ssize(labels), classes}, device);
}

void append_codes(const Dataset& dataset, const Example& example, const Alphabet& alphabet,
                  std::vector<uint8_t>& codes) {
  const std::string_view window = dataset.window(example);
  const bool at_start = dataset.padding && dataset.padding->at_start;
  const std::size_t begin = codes.size();
  codes.resize(begin + dataset.length, static_cast<uint8_t>(alphabet.size()));
  uint8_t* out = codes.data() + begin + (at_start ? dataset.length - std::ssize(window) : 0);
  for (const char letter : window) *out++ = alphabet.code(letter);
}

DeviceDataset to_device(const Dataset& dataset, const Alphabet& alphabet, Device device) {
  std::vector<uint8_t> codes;
  std::vector<int64_t> sequence_start;
  if (!dataset.padding) {  // else each example is written by itself
    for (const Sequence& sequence : dataset.sequences) {
      sequence_start.push_back(static_cast<int64_t>(codes.size()));
      const std::vector<uint8_t> encoded = encode(alphabet, sequence.letters);
      codes.insert(codes.end(), encoded.begin(), encoded.end());
    }
  }
  std::vector<int64_t> starts;
  std::vector<int32_t> labels, lengths, groups;
  for (const Example& example : dataset.examples) {
    if (dataset.padding) {
      starts.push_back(std::ssize(codes));
      append_codes(dataset, example, alphabet, codes);
      lengths.push_back(static_cast<int32_t>(std::ssize(dataset.window(example))));
    } else {
      starts.push_back(sequence_start[example.sequence] + example.offset);
    }
    labels.push_back(example.label);
    groups.push_back(example.sequence);
  }
  const auto count = [](const auto& values) { return Shape{static_cast<int64_t>(values.size())}; };
  const bool masked = dataset.padding && dataset.padding->masked;
  return {.codes = Tensor::of(codes, count(codes), device),
          .example_start = Tensor::of(starts, count(starts), device),
          .example_label = Tensor::of(labels, count(labels), device),
          .length = dataset.length,
          .example_length = masked ? Tensor::of(lengths, count(lengths), device) : Tensor(),
          .example_weight = dataset.weights.empty()
                                ? Tensor()
                                : Tensor::of(dataset.weights, count(dataset.weights), device),
          .example_group = Tensor::of(groups, count(groups), device),
          .example_answers = answers_by_sequence(dataset, device)};
}

DeviceDataset copy_to(Device device, const DeviceDataset& data) {
  const auto copy = [device](const Tensor& tensor) {
    return tensor.defined() ? tensor.to(device) : Tensor();
  };
  return {.codes = copy(data.codes),
          .example_start = copy(data.example_start),
          .example_label = copy(data.example_label),
          .length = data.length,
          .example_length = copy(data.example_length),
          .example_weight = copy(data.example_weight),
          .example_group = copy(data.example_group),
          .example_answers = copy(data.example_answers)};
}

InputStandardization standardization_of(const Dataset& dataset, const Alphabet& alphabet,
                                        Device device) {
  const int64_t letters = alphabet.size();
  std::vector<int64_t> count(dataset.length * letters);
  std::vector<uint8_t> codes;
  for (const Example& example : dataset.examples) {
    codes.clear();
    append_codes(dataset, example, alphabet, codes);
    for (int64_t p = 0; p < dataset.length; ++p) {
      if (codes[p] < letters) ++count[p * letters + codes[p]];
    }
  }
  std::vector<float> mean, inverse_sd;
  for (const int64_t hits : count) {
    const double m = static_cast<double>(hits) / static_cast<double>(dataset.examples.size());
    const double variance = m * (1 - m);
    mean.push_back(static_cast<float>(m));
    inverse_sd.push_back(variance > 0 ? static_cast<float>(1 / std::sqrt(variance)) : 1.0f);
  }
  const Shape shape{dataset.length, letters};
  return {Tensor::of(mean, shape, device), Tensor::of(inverse_sd, shape, device)};
}

}  // namespace stroma
