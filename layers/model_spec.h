// A model as data: what a TOML spec says. docs/models.md describes the keys.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace stroma {

/// One `[[layers]]` table: its type, its name (which prefixes its parameters), and every other key
/// of its type, with the default where the spec does not say.
struct LayerSpec {
  std::string type;
  std::string name;
  std::map<std::string, std::variant<int64_t, double, bool, std::string>> options;
  int line = 0;  // in the spec
};

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

struct ModelSpec {
  std::string name;
  std::string description;
  std::string alphabet;  // dna, rna, protein
  int64_t length = 0;    // letters a window
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
