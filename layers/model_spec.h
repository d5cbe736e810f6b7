// A model as data: what a TOML spec says. docs/models.md describes the keys.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "layers/layer_spec.h"

namespace stroma {

/// How a run trains unless the command line says otherwise.
struct TrainingSpec {
  int epochs = 50;
  int batch_size = 32;
  std::string optimizer = "adam";  // sgd, adam, adamw
  double learning_rate = 1e-3;
  double weight_decay = 0;
  double momentum = 0;
  std::optional<double> clip_norm;
  int lr_step = 0;  // epochs between decays; 0: constant
  double lr_gamma = 1;
  int patience = 0;                  // epochs without a better validation loss; 0: no early stop
  std::string keep = "last";         // weights kept: last or best (by validation loss)
  bool class_weights = false;        // N / n_c
  std::string split = "random";      // random, stratified, kfold
  double test_fraction = 0.2;        // of all
  double validation_fraction = 0.1;  // of the rest
  int folds = 5;                     // with kfold: the test part is one fold, stratified
};

/// How sequences of different lengths become examples of one: whole ones, padded.
struct Padding {
  bool on = false;        // else examples are of one length by themselves
  bool at_start = false;  // letters of padding come before those of the sequence; else after them
  bool mask = false;      // no layer reads padding; else it is rows of zeros
  bool cut = false;       // what is longer is cut at its end; else an error
};

struct ModelSpec {
  std::string name;
  std::string description;
  std::string alphabet;  // dna, rna, protein
  int64_t length = 0;    // letters an example; 0: as many as the longest sequence has
  Padding padding;
  bool standardize = false;
  std::string unknown = "error";  // letters outside the alphabet: error, zero, skip
  std::vector<LayerSpec> layers;
  TrainingSpec training;
  std::string text;   // the spec as written
  std::string where;  // what messages name: the file, or the built-in model
};

/// Parses a spec; `where` names it in messages ("my.toml"). Throws Error with the line for an
/// unknown key, a wrong type or a value out of range.
ModelSpec parse_model_spec(const std::string& text, const std::string& where);

/// A built-in model by its name, or the spec file of that path.
ModelSpec load_model_spec(const std::string& name_or_path);

/// Names of the built-in models.
std::vector<std::string> built_in_models();

}  // namespace stroma
