// What somebody needs who repeats a training in another framework, as one safetensors file: the
// weights, the examples, the order of the batches and the dropout masks.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "training/weights.h"

namespace stroma {

struct ExportOptions {
  Layout layout = Layout::pytorch;  // of the weights
  bool initial = false;        // the weights before the first step, not those that training left
  bool examples = false;       // letters, labels and parts; with `order` in any case
  int order = 0;               // epochs whose order of the training examples is wanted
  std::vector<int64_t> steps;  // whose dropout masks are wanted; the first is 1
};

/// Weights, and beside them what `options` asks for; docs/compare.md describes the tensors. Throws
/// Error where the run's data has changed.
SafetensorsFile export_run(const std::filesystem::path& directory, const ExportOptions& options,
                           std::vector<std::string>& notes);

/// The initial weights of a model of so many classes.
SafetensorsFile export_initial(const ModelSpec& spec, int64_t classes, uint64_t seed,
                               Layout layout);

/// How many examples the batch of a step (from 1) has.
int64_t batch_of_step(int64_t step, int64_t examples, int64_t batch_size);

/// 1 where a step (from 1) keeps an element, 0 where it drops it: [batch, length, channels] or
/// [batch, features] uint8. Kept elements are multiplied by 1 / (1 - probability).
Tensor dropout_mask(const DropoutPlace& place, int64_t batch, uint64_t seed, int64_t step);

}  // namespace stroma
