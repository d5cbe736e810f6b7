#include "layers/model_spec.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "engine/files.h"
#include "engine/letters.h"
#include "kernels/error.h"
#include "layers/layer_reader.h"
#include "layers/toml_reader.h"

namespace stroma {
namespace {

using Names = std::vector<std::string>;

constexpr std::pair<std::string_view, std::string_view> built_in[] = {
#include "layers/built_in_models.inc"
};

/// Which letters the sequences have, and in which order they are channels.
void read_letters(TomlReader& table, ModelSpec& spec) {
  Names keys;
  for (const LetterSet& set : letter_sets) keys.emplace_back(set.key);
  table.require("alphabet", spec.alphabet, keys);
  const auto* const set =
      std::find_if(std::begin(letter_sets), std::end(letter_sets),
                   [&](const LetterSet& each) { return each.key == spec.alphabet; });
  const bool given = table.read("letters", spec.letters);
  if (set == std::end(letter_sets)) return;  // the alphabet is missing
  if (!given) spec.letters = set->letters;
  std::string sorted = spec.letters;
  std::sort(sorted.begin(), sorted.end());
  const bool each_once = std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end();
  const bool all_there = std::all_of(set->letters.begin(), set->letters.end(), [&](char letter) {
    return spec.letters.find(letter) != std::string::npos;
  });
  const bool all_known = std::all_of(sorted.begin(), sorted.end(), [&](char letter) {
    return set->letters.find(letter) != std::string_view::npos ||
           set->codes.find(letter) != std::string_view::npos;
  });
  if (!each_once || !all_there || !all_known) {
    table.fail("letters",
               fmt::format("'letters' must be all of {}, in any order and each once, with those of "
                           "the codes {} that shall have a channel of their own, not '{}'",
                           set->letters, set->codes, spec.letters));
  }
}

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
  read_letters(table, spec);
  read_length(table, root, spec);
  spec.encoding = read_encoding(table, root, spec.letters);
  if (const std::string misfit = misfit_of(spec.encoding, spec.letters, spec.length);
      !misfit.empty()) {
    table.fail("k", misfit);
  }
  table.read("standardize", spec.standardize);
  if (spec.standardize && spec.encoding.kind != InputKind::one_hot) {
    table.fail("standardize", "'standardize' is about one-hot letters, not k-mers; leave it out");
  }
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
