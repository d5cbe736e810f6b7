// The command line of `stroma train`, and the run that it asks for.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

#include "training/run_config.h"

namespace stroma {

struct TrainOptions {
  DataOptions data;
  std::string model;
  std::string directory;
  std::string device = "auto";
  std::string precision = "fp32";
  int threads = 1;
  uint64_t seed = 42;
  int fold = 1;
  int trials = 1;
  std::string augmentation = "none", balance = "none";
  int memory_k = 0;     // 0: the alphabet's
  std::string weights;  // "": drawn from the seed
  bool no_augment = false, no_standardize = false;
  bool resume = false, force = false, quiet = false;
  // In place of what the model's spec says:
  int64_t window_length = 0;  // 0: the spec's
  std::string unknown;        // "": the spec's
  std::vector<std::function<void(TrainingSpec&)>> training;
  std::function<bool(const std::string& name)> is_given;  // on the command line
};

void add_train_options(CLI::App& command, TrainOptions& options);

/// --out, or a name made of the data's and the model's under runs/.
std::string run_directory(const TrainOptions& options);

/// The run, with the model's spec read. Throws CLI::ParseError for options that do not go together
/// or have no effect.
RunConfig run_config(const TrainOptions& options);

}  // namespace stroma
