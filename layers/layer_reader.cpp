#include "layers/layer_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "kernels/error.h"
#include "layers/layer_type.h"

namespace stroma {
namespace {

/// What the letters are called in `inputs`, unless a layer has that name.
constexpr const char* letters_name = "input";

template <class... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;  // which clang 14 does not deduce by itself

std::vector<std::string> names_of_types() {
  std::vector<std::string> names;
  for (const LayerType& type : layer_types()) names.push_back(type.name);
  return names;
}

/// The value of a key, none where the table does not say.
std::optional<LayerValue> read_value(TomlReader& table, const toml::table& node,
                                     const LayerKey& key) {
  const auto read = [&](auto value, const auto&... allowed) -> std::optional<LayerValue> {
    return table.read(key.name, value, allowed...) ? std::optional<LayerValue>(value)
                                                   : std::nullopt;
  };
  if (!key.or_word.empty() && node[key.name].is_string()) {
    return read(std::string(), Words{key.or_word});
  }
  return std::visit(Overloaded{[&](const Whole& whole) { return read(int64_t{}, whole.least); },
                               [&](const Range& range) { return read(double{}, range); },
                               [&](const Flag&) { return read(false); },
                               [&](const Words& words) { return read(std::string(), words); }},
                    key.allowed);
}

/// Reads the keys that belong to the layer's type, with defaults.
void read_options(TomlReader& table, const toml::table& node, const LayerType& type,
                  LayerSpec& layer) {
  for (const LayerKey& key : type.keys) {
    std::optional<LayerValue> value = read_value(table, node, key);
    if (!value) value = key.otherwise;
    if (!value && !key.otherwise_as.empty()) value = layer.options[key.otherwise_as];
    if (!value) table.miss(key.name);
    layer.options[key.name] = value.value_or(LayerValue());
  }
}

/// A layer among those before it.
class LayerReader {
 public:
  LayerReader(const toml::table& node, const std::string& file,
              const std::vector<LayerSpec>& before, Init init)
      : node_(node),
        before_(before),
        type_(node["type"].value_or(std::string())),
        table_(node, file, fmt::format("layer {} ({})", before.size() + 1, type_)) {
    layer_.init = init;
    layer_.number = static_cast<int>(before.size()) + 1;
    layer_.line = static_cast<int>(node.source().begin.line);
  }

  LayerSpec read() {
    const Words types = names_of_types();
    if (!table_.read("type", layer_.type, types)) {
      table_.fail("type", fmt::format("layer {} has no type; there are {}", layer_.number,
                                      fmt::join(types, ", ")));
    }
    const LayerType& type = layer_type(layer_.type);
    const bool named = table_.read("name", layer_.name);
    std::string owner;
    const bool shares = type.has_parameters && table_.read("shares", owner);
    if (type.has_parameters && !shares) {
      if (!named) table_.miss("name");
      if (std::string init; table_.read("init", init, names_of<Init>())) {
        layer_.init = stroma::named<Init>(init);
      }
    }
    std::vector<std::string> inputs;
    const bool says_inputs = table_.read("inputs", inputs);
    if (shares) {
      share(owner, type);
    } else {
      read_options(table_, node_, type, layer_);
    }
    table_.finish();
    if (type.check) {
      type.check(layer_,
                 [&](const std::string& key, const std::string& what) { table_.fail(key, what); });
    }
    if (named) check_name();
    if (says_inputs) {
      for (const std::string& name : inputs) layer_.reads.push_back(place_of(name));
    } else {
      layer_.reads = {layer_.number - 2};  // the one before it; of the first, network_input
    }
    check_inputs(type);
    return layer_;
  }

 private:
  /// Takes the keys of the layer of that name, whose parameters it uses.
  void share(const std::string& name, const LayerType& type) {
    const auto owner = std::find_if(before_.begin(), before_.end(), [&](const LayerSpec& layer) {
      return layer.name == name && layer.type == layer_.type && !name.empty();
    });
    if (owner == before_.end()) {
      table_.fail(
          "shares",
          fmt::format("layer {} ({}) shares the parameters of '{}', and no {} layer before it "
                      "has that name",
                      layer_.number, type_, name, type_));
    }
    Words keys = {"init"};
    for (const LayerKey& key : type.keys) keys.push_back(key.name);
    for (const std::string& key : keys) {
      if (node_.contains(key)) {
        table_.fail(key, fmt::format("'{}' in layer {} ({}) is that of '{}', whose parameters it "
                                     "shares; leave it out",
                                     key, layer_.number, type_, name));
      }
    }
    layer_.options = owner->options;
    layer_.init = owner->init;
    layer_.shares = owner->shares.value_or(static_cast<int>(owner - before_.begin()));
  }

  void check_name() const {
    const std::string& name = layer_.name;
    const char* letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.";
    if (name.empty() || name.find_first_not_of(letters) != std::string::npos ||
        name.front() == '.' || name.back() == '.') {
      table_.fail("name", fmt::format("'name' in layer {} ({}) must be made of letters, digits and "
                                      "_, with dots at most between them",
                                      layer_.number, type_));
    }
    for (const LayerSpec& other : before_) {
      if (other.name == name) {
        table_.fail("name", fmt::format("two layers have the name '{}'; rename one", name));
      }
      // "a.b" would be a layer and could be a parameter of another.
      if (name.starts_with(other.name + ".") || other.name.starts_with(name + ".")) {
        table_.fail("name", fmt::format("the name '{}' goes on from '{}', which is a layer's; "
                                        "rename one",
                                        std::max(name, other.name), std::min(name, other.name)));
      }
    }
  }

  int place_of(const std::string& name) const {
    const auto found = std::find_if(before_.begin(), before_.end(),
                                    [&](const LayerSpec& layer) { return layer.name == name; });
    if (found != before_.end() && !name.empty()) return static_cast<int>(found - before_.begin());
    if (name == letters_name) return network_input;
    std::string known = letters_name;
    for (const LayerSpec& layer : before_) {
      if (!layer.name.empty()) known += ", " + layer.name;
    }
    table_.fail("inputs",
                fmt::format("{} reads '{}', and no layer before it has that name; a layer reads "
                            "those above it, of which there are {}",
                            layer_.title(), name, known));
  }

  void check_inputs(const LayerType& type) const {
    const std::size_t count = layer_.reads.size();
    if (type.joins && count < 2) {
      table_.fail("inputs",
                  fmt::format("{} joins two inputs or more, and it has {}; name them, as in "
                              "inputs = [\"a\", \"b\"]",
                              layer_.title(), count));
    }
    if (!type.joins && count != 1) {
      table_.fail("inputs",
                  fmt::format("{} reads one input, not {}; join them before it, with add, "
                              "multiply or concat",
                              layer_.title(), count));
    }
  }

  const toml::table& node_;
  const std::vector<LayerSpec>& before_;
  std::string type_;
  TomlReader table_;
  LayerSpec layer_;
};

/// Throws Error for a layer, but the last, that no other reads.
void check_all_are_read(const std::vector<LayerSpec>& layers, const std::string& file) {
  std::vector<bool> read(layers.size());
  for (const LayerSpec& layer : layers) {
    for (const int place : layer.reads) {
      if (place != network_input) read[place] = true;
    }
  }
  for (std::size_t i = 0; i + 1 < layers.size(); ++i) {
    if (read[i]) continue;
    throw Error(
        fmt::format("{}:{}: nothing reads what {} gives; name it in the inputs of a layer "
                    "below it, or leave it out",
                    file, layers[i].line, layers[i].title()));
  }
}

}  // namespace

std::vector<LayerSpec> read_layers(const toml::array& array, const std::string& file, Init init) {
  std::vector<LayerSpec> layers;
  for (const toml::node& node : array) {
    layers.push_back(LayerReader(*node.as_table(), file, layers, init).read());
  }
  check_all_are_read(layers, file);
  return layers;
}

}  // namespace stroma
