// A model as data: what a TOML spec says. docs/models.md describes the keys.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "layers/encoding.h"
#include "layers/layer_spec.h"
#include "layers/training_spec.h"

namespace stroma {

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
  std::string letters;   // a channel each, in this order
  int64_t length = 0;    // letters an example; 0: as many as the longest sequence has
  Padding padding;
  Encoding encoding;
  bool standardize = false;
  std::string unknown = "error";  // letters outside the alphabet: error, zero, skip
  Init init = Init::pytorch;      // of the layers that do not say theirs
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
