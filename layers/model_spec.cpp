#include "layers/model_spec.h"

#include <fmt/format.h>

#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "engine/files.h"
#include "kernels/error.h"
#include "layers/toml_reader.h"

namespace stroma {
namespace {

using Names = std::vector<std::string>;

constexpr std::pair<std::string_view, std::string_view> built_in[] = {
#include "layers/built_in_models.inc"
};

constexpr Range at_least_zero{.low = 0, .as_float32 = true};
constexpr Range above_zero{.low = 0, .with_low = false, .as_float32 = true};
constexpr Range probability{.low = 0, .high = 1, .as_float32 = true};
constexpr Range share{.low = 0, .high = 1};  // 0: no such part

TrainingSpec read_training(TomlReader& table) {
  TrainingSpec t;
  table.read("epochs", t.epochs, 1);
  table.read("batch_size", t.batch_size, 1);
  table.read("optimizer", t.optimizer, {"sgd", "adam", "adamw"});
  table.read("learning_rate", t.learning_rate, above_zero);
  table.read("weight_decay", t.weight_decay, at_least_zero);
  table.read("momentum", t.momentum, probability);
  double clip_norm = 0;
  if (table.read("clip_norm", clip_norm, above_zero)) t.clip_norm = clip_norm;
  table.read("lr_step", t.lr_step, 0);
  table.read("lr_gamma", t.lr_gamma, above_zero);
  table.read("patience", t.patience, 0);
  table.read("keep", t.keep, {"last", "best"});
  table.read("class_weights", t.class_weights);
  table.read("split", t.split, {"random", "stratified", "kfold"});
  table.read("test_fraction", t.test_fraction, share);
  table.read("validation_fraction", t.validation_fraction, share);
  table.read("folds", t.folds, 2);
  table.finish();
  return t;
}

const Names layer_types = {"conv1d",         "relu",    "tanh", "sigmoid", "max_pool1d",
                           "average_pool1d", "dropout", "lstm", "linear",  "flatten"};

/// Reads the keys that belong to the layer's type into its options, with defaults. `out_features`
/// is a number or "classes".
void read_options(TomlReader& table, LayerSpec& layer, bool text_features) {
  auto& options = layer.options;
  const auto integer = [&](const char* key, int64_t least, std::optional<int64_t> otherwise) {
    int64_t value = otherwise.value_or(least);
    if (otherwise) {
      table.read(key, value, least);
    } else {
      table.require(key, value, least);
    }
    options[key] = value;
    return value;
  };
  const std::string& type = layer.type;
  if (type == "conv1d") {
    integer("out_channels", 1, {});
    integer("kernel_size", 1, {});
    integer("stride", 1, 1);
    integer("padding", 0, 0);
    integer("dilation", 1, 1);
    integer("groups", 1, 1);
  } else if (type == "max_pool1d" || type == "average_pool1d") {
    const int64_t window = integer("kernel_size", 1, {});
    integer("stride", 1, window);
    integer("padding", 0, 0);
  } else if (type == "dropout") {
    double value = 0;
    table.require("probability", value, probability);
    options["probability"] = value;
  } else if (type == "lstm") {
    integer("hidden_size", 1, {});
    integer("num_layers", 1, 1);
    bool bidirectional = false;
    table.read("bidirectional", bidirectional);
    options["bidirectional"] = bidirectional;
    double dropout = 0;
    table.read("dropout", dropout, probability);
    options["dropout"] = dropout;
    std::string output = "all";
    table.read("output", output, {"last", "all"});
    options["output"] = output;
  } else if (type == "linear") {
    if (text_features) {
      std::string classes;
      table.read("out_features", classes, {"classes"});
      options["out_features"] = classes;
    } else {
      integer("out_features", 1, {});
    }
  }
}

/// What must hold between the keys of one layer.
void check_options(const TomlReader& table, const LayerSpec& layer) {
  const auto integer = [&](const char* key) { return std::get<int64_t>(layer.options.at(key)); };
  if (layer.type.ends_with("_pool1d") && integer("padding") > integer("kernel_size") / 2) {
    table.fail("padding", "'padding' of a pool must be at most half of its kernel_size");
  }
  if (layer.type == "lstm" && integer("num_layers") == 1 &&
      std::get<double>(layer.options.at("dropout")) > 0) {
    table.fail("dropout",
               "'dropout' of an lstm lies between its layers and needs num_layers above 1; for "
               "dropout after it, add a layer of type dropout");
  }
}

LayerSpec read_layer(const toml::table& node, const std::string& file, std::size_t index,
                     std::set<std::string>& names) {
  LayerSpec layer;
  layer.line = static_cast<int>(node.source().begin.line);
  const std::string type = node["type"].value_or(std::string());
  TomlReader table(node, file, fmt::format("layer {} ({})", index, type));
  if (!table.read("type", layer.type, layer_types)) {
    table.fail("type", fmt::format("layer {} has no type; there are {}", index,
                                   fmt::join(layer_types, ", ")));
  }
  if (type == "conv1d" || type == "lstm" || type == "linear") {
    table.require("name", layer.name);
  } else {
    table.read("name", layer.name);
  }
  read_options(table, layer, node["out_features"].is_string());
  table.finish();
  check_options(table, layer);
  if (!node.contains("name")) return layer;

  const char* letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
  if (layer.name.empty() || layer.name.find_first_not_of(letters) != std::string::npos) {
    table.fail("name", fmt::format("'name' in layer {} ({}) must be made of letters, digits and _",
                                   index, type));
  }
  if (!names.insert(layer.name).second) {
    table.fail("name", fmt::format("two layers have the name '{}'; rename one", layer.name));
  }
  return layer;
}

}  // namespace

ModelSpec parse_model_spec(const std::string& text, const std::string& where) {
  const toml::table root = parse_toml(text, where);
  ModelSpec spec;
  spec.text = text;
  spec.where = where;
  TomlReader table(root, where, "");
  table.require("name", spec.name);
  table.read("description", spec.description);
  table.require("alphabet", spec.alphabet, Names{"dna", "rna", "protein"});
  table.require("length", spec.length, 1);
  table.read("standardize", spec.standardize);
  table.read("unknown", spec.unknown, {"error", "zero", "skip"});
  if (const toml::node* training = table.find("training")) {
    if (!training->is_table()) table.fail("training", "'training' must be a [training] table");
    TomlReader keys(*training->as_table(), where, "[training]");
    spec.training = read_training(keys);
    if (spec.training.momentum > 0 && spec.training.optimizer != "sgd") {
      keys.fail("momentum", "'momentum' belongs to the optimizer sgd; adam has its own");
    }
  }
  const toml::node* layers = table.find("layers");
  table.finish();
  if (!layers || !layers->is_array_of_tables()) {
    table.fail("layers", "a model needs its layers, as [[layers]] tables");
  }
  std::set<std::string> names;
  for (const toml::node& layer : *layers->as_array()) {
    spec.layers.push_back(read_layer(*layer.as_table(), where, spec.layers.size() + 1, names));
  }
  return spec;
}

ModelSpec load_model_spec(const std::string& name_or_path) {
  for (const auto& [name, text] : built_in) {
    if (name == name_or_path) return parse_model_spec(std::string(text), name_or_path);
  }
  if (!std::filesystem::exists(name_or_path)) {
    const Names names = built_in_models();
    throw Error(
        fmt::format("there is no model and no file '{}'; built in are {}; any other is a "
                    "TOML file, as `stroma info --models` prints them",
                    name_or_path, fmt::join(names, " and ")));
  }
  if (std::filesystem::is_directory(name_or_path)) {
    throw Error(fmt::format("{} is a directory; built in are {}; any other model is a TOML file",
                            name_or_path, fmt::join(built_in_models(), " and ")));
  }
  try {
    return parse_model_spec(read_file(name_or_path), name_or_path);
  } catch (const Error& error) {
    if (std::filesystem::path(name_or_path).extension() == ".toml") throw;
    throw Error(fmt::format("{}; a model is a TOML file, or one of those built in, {}",
                            error.what(), fmt::join(built_in_models(), " and ")));
  }
}

std::vector<std::string> built_in_models() {
  std::vector<std::string> names;
  for (const auto& [name, text] : built_in) names.emplace_back(name);
  return names;
}

}  // namespace stroma
