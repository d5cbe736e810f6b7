#include "layers/model_spec.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "engine/files.h"
#include "kernels/error.h"
#include "layers/layer_reader.h"
#include "layers/toml_reader.h"

namespace stroma {
namespace {

using Names = std::vector<std::string>;

constexpr std::pair<std::string_view, std::string_view> built_in[] = {
#include "layers/built_in_models.inc"
};

/// How many letters an example has, and what becomes of sequences that have fewer or more.
void read_length(TomlReader& table, const toml::table& root, ModelSpec& spec) {
  const bool longest = root["length"].is_string();
  std::string word, pad, too_long;
  if (longest) {
    table.read("length", word, Names{"longest"});
  } else {
    table.require("length", spec.length, 1);
  }
  Padding& padding = spec.padding;
  padding.on = table.read("pad", pad, {"start", "end"});
  padding.at_start = pad == "start";
  padding.cut = table.read("too_long", too_long, {"error", "cut"}) && too_long == "cut";
  table.read("mask", padding.mask);
  for (const char* key : {"too_long", "mask"}) {
    if (!padding.on && root.contains(key)) {
      table.fail(
          key,
          fmt::format("'{}' is about padded sequences; add pad = \"end\", or leave it out", key));
    }
  }
  if (!padding.on && longest) {
    table.fail("length", "length = \"longest\" pads the others; add pad = \"end\"");
  }
  if (padding.mask && padding.at_start) {
    table.fail("mask", "'mask' needs the padding after the letters; say pad = \"end\"");
  }
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
  read_length(table, root, spec);
  table.read("standardize", spec.standardize);
  if (spec.padding.mask && spec.standardize) {
    table.fail("mask", "'mask' does not go with 'standardize', which makes numbers of padding");
  }
  table.read("unknown", spec.unknown, {"error", "zero", "skip"});
  if (std::string init; table.read("init", init, names_of<Init>())) spec.init = named<Init>(init);
  if (const toml::node* training = table.find("training")) {
    if (!training->is_table()) table.fail("training", "'training' must be a [training] table");
    TomlReader keys(*training->as_table(), where, "[training]");
    spec.training = read_training(keys);
  }
  const toml::node* layers = table.find("layers");
  table.finish();
  if (!layers || !layers->is_array_of_tables()) {
    table.fail("layers", "a model needs its layers, as [[layers]] tables");
  }
  spec.layers = read_layers(*layers->as_array(), where, spec.init);
  return spec;
}

ModelSpec load_model_spec(const std::string& name_or_path) {
  for (const auto& [name, text] : built_in) {
    if (name == name_or_path) return parse_model_spec(std::string(text), name_or_path);
  }
  const std::string names = listed(built_in_models(), "and");
  if (!std::filesystem::exists(name_or_path)) {
    throw Error(
        fmt::format("there is no model and no file '{}'; built in are {}; any other is a "
                    "TOML file, as `stroma info {}` prints one",
                    name_or_path, names, built_in[0].first));
  }
  if (std::filesystem::is_directory(name_or_path)) {
    throw Error(fmt::format("{} is a directory; built in are {}; any other model is a TOML file",
                            name_or_path, names));
  }
  try {
    return parse_model_spec(read_file(name_or_path), name_or_path);
  } catch (const Error& error) {
    if (std::filesystem::path(name_or_path).extension() == ".toml") throw;
    throw Error(fmt::format("{}; a model is a TOML file, or one of those built in, {}",
                            error.what(), names));
  }
}

std::vector<std::string> built_in_models() {
  std::vector<std::string> names;
  for (const auto& [name, text] : built_in) names.emplace_back(name);
  return names;
}

}  // namespace stroma
