// One layer as a spec says it, and the keys that it may say.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "layers/init.h"
#include "layers/toml_reader.h"

namespace stroma {

using LayerValue = std::variant<int64_t, double, bool, std::string>;

/// What a key of a layer may be.
struct Whole {
  int64_t least;
};
struct Flag {};
using Words = std::vector<std::string>;

/// A key of a type of layers.
struct LayerKey {
  std::string name;
  std::variant<Whole, Range, Flag, Words> allowed;
  std::optional<LayerValue> otherwise = {};  // its value where a spec does not say
  std::string otherwise_as = {};  // or the key that has its value then; neither: a spec must say
  std::string or_word = {};       // of a number: a word that may stand in its place
  std::string help = {};
};

/// What a layer reads where that is what the whole network reads.
inline constexpr int network_input = -1;

/// One `[[layers]]` table: its type, its name (which prefixes its parameters), what it reads, and
/// every other key of its type, with the default where the spec does not say.
struct LayerSpec {
  std::string type;
  std::string name;
  std::map<std::string, LayerValue> options;
  std::vector<int> reads;     // places of layers in the spec, all before its own, or network_input
  Init init = Init::pytorch;  // of its parameters
  std::optional<int> shares = {};  // the place of a layer before it whose parameters it uses
  int number = 0;                  // in the spec as it is written, from 1
  int line = 0;                    // in the spec

  int64_t integer(const char* key) const { return std::get<int64_t>(options.at(key)); }
  float number_of(const char* key) const {
    return static_cast<float>(std::get<double>(options.at(key)));
  }
  const std::string& word(const char* key) const { return std::get<std::string>(options.at(key)); }
  /// False where there is no such key.
  bool flag(const char* key) const {
    const auto found = options.find(key);
    return found != options.end() && std::get<bool>(found->second);
  }
  /// "layer 3 (conv1d 'conv')".
  std::string title() const;
};

}  // namespace stroma
