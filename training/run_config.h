// All that is needed to repeat a run: config.json of a run directory.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "augment/augmentation.h"
#include "augment/balance.h"
#include "kernels/context.h"
#include "layers/model_spec.h"
#include "training/data_source.h"

namespace stroma {

struct RunConfig {
  DataOptions data;
  ModelSpec model;  // its `training` as resolved from the spec and the command line
  uint64_t seed = 42;
  int fold = 1;                                    // of a split that has folds, from 1
  Augmentation augmentation = Augmentation::none;  // of the training part, after the split
  Balance balance = Balance::none;                 // of the training part, augmented
  int memory_k = 0;               // letters of the k-mers of the memory baseline; 0: the alphabet's
  std::filesystem::path weights;  // that training begins with; "": they are drawn from the seed
  int threads = 1;
  std::string device = "cpu";
  Precision precision = Precision::fp32;

  // Found when the data and the weights were read:
  std::string fingerprint;              // of the dataset
  int64_t length = 0;                   // letters an example
  std::vector<std::string> labels;      // class c is labels[c]
  std::vector<float> mean, inverse_sd;  // [length, letters] each; empty: no standardisation
  std::string weights_fingerprint;      // "" where they are drawn
};

/// The first thing in which two configurations differ, as "training.learning_rate is 0.001, not
/// 0.0005" or a clause on the model or the data; "" if none. The data's path, the threads, the
/// device and the number of epochs do not count.
std::string difference(const RunConfig& saved, const RunConfig& asked);

void write_config(const std::filesystem::path& path, const RunConfig& config);
/// A key that is missing, as in a file of an older version, has its default. Throws Error for a
/// file that is no run's, and for a key that only a newer version knows, naming it and that
/// version.
RunConfig read_config(const std::filesystem::path& path);

}  // namespace stroma
