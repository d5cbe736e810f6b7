// Where a command has its trained model from: a run directory, or a model's spec and a file of
// weights.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

#include "training/loaded_run.h"

namespace stroma {

struct ModelSource {
  std::string run;             // or, with --model, the first word that follows: data
  std::string model, weights;  // "": a run
  bool no_standardize = false;
};

/// The positional argument RUN, --model, --weights and --no-standardize.
void add_model_source(CLI::App& command, ModelSource& source);

/// What was read as RUN and is data, since there is a --model; none otherwise. Fails, as usage,
/// where options do not go together.
std::optional<std::string> data_in_place_of_run(ModelSource& source);

/// The files that it is read from.
std::vector<std::string> inputs_of(const ModelSource& source);

/// The model, ready to predict. Notes where the training of a run has not come to its end.
LoadedRun load_model(const ModelSource& source, Device device, std::optional<Precision> precision,
                     std::vector<std::string>& notes);

}  // namespace stroma
