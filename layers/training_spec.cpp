#include "layers/training_spec.h"

#include <fmt/format.h>

#include <algorithm>
#include <type_traits>
#include <vector>

#include "kernels/error.h"
#include "layers/loss.h"
#include "layers/toml_reader.h"

namespace stroma {
namespace {

// How TOML has a value of each type, and what docs call it.

void read(TomlReader& table, const TrainingKey<int>& key, int& value) {
  table.read(key.name, value, static_cast<int>(key.allowed.low));
}
void read(TomlReader& table, const TrainingKey<double>& key, double& value) {
  table.read(key.name, value, key.allowed);
}
void read(TomlReader& table, const TrainingKey<std::optional<double>>& key,
          std::optional<double>& value) {
  double found = 0;
  if (table.read(key.name, found, key.allowed)) value = found;
}
template <Named Enum>
void read(TomlReader& table, const TrainingKey<Enum>& key, Enum& value) {
  std::string name;
  if (table.read(key.name, name, names_of<Enum>())) value = named<Enum>(name);
}

void read(TomlReader& table, const TrainingKey<LossName>& key, LossName& value) {
  table.read(key.name, value.text, names_of_losses());
}
void read(TomlReader& table, const TrainingKey<ClassWeights>& key, ClassWeights& value) {
  const toml::node* node = table.find(key.name);
  if (!node) return;
  if (node->is_boolean()) {  // the former values
    value = read_class_weights(node->as_boolean()->get() ? "true" : "false");
    return;
  }
  std::string text;
  table.read(key.name, text);
  try {
    value = read_class_weights(text);
  } catch (const Error& error) {
    table.fail(key.name, fmt::format("'{}' in [training] {}", key.name, error.what()));
  }
}

std::string quoted(std::vector<std::string> names) {
  for (std::string& name : names) name = "`\"" + name + "\"`";
  return listed(names, "or");
}

template <class T>
std::string values_of(const TrainingKey<T>& key) {
  if constexpr (Named<T>) {
    return quoted(names_of<T>());
  } else if constexpr (std::is_same_v<T, LossName>) {
    return quoted(names_of_losses());
  } else if constexpr (std::is_same_v<T, ClassWeights>) {
    return quoted({"none", "inverse", "balanced", "LABEL:WEIGHT,…"});
  } else {
    return (std::is_same_v<T, int> ? "a whole number, " : "a number, ") + key.allowed.text();
  }
}

std::string shown(double value) { return fmt::format("`{}`", value); }
std::string shown(int value) { return fmt::format("`{}`", value); }
std::string shown(std::optional<double> value) { return value ? shown(*value) : "none"; }
std::string shown(const LossName& value) { return fmt::format("`\"{}\"`", value.text); }
std::string shown(const ClassWeights& value) { return fmt::format("`\"{}\"`", to_string(value)); }
template <Named Enum>
std::string shown(Enum value) {
  return fmt::format("`\"{}\"`", to_string(value));
}

}  // namespace

TrainingSpec read_training(TomlReader& table) {
  TrainingSpec spec;
  for_each_training_key([&](const auto& key) { read(table, key, spec.*key.field); });
  table.finish();
  if (spec.momentum > 0 && spec.optimizer != OptimizerOptions::Rule::sgd) {
    table.fail("momentum", "'momentum' belongs to the optimizer sgd; adam has its own");
  }
  if (const auto conflict = conflict_in(spec)) {
    table.fail(conflict->key, fmt::format("'{}' {}", conflict->key, conflict->why));
  }
  return spec;
}

std::optional<KeyConflict> conflict_in(const TrainingSpec& spec) {
  const Loss& loss = loss_named(spec.loss.text);
  if (spec.label_smoothing > 0 && !loss.smooths) {
    return KeyConflict{"label_smoothing",
                       fmt::format("does not go with the loss {}, which asks for no certainty; "
                                   "leave it out, or take cross_entropy",
                                   loss.name)};
  }
  if (spec.class_weights.rule != ClassWeights::Rule::none && !loss.weighs_classes) {
    return KeyConflict{"class_weights",
                       fmt::format("does not go with the loss {}, of which an example may have "
                                   "several classes; leave it out",
                                   loss.name)};
  }
  if (spec.epsilon != TrainingSpec().epsilon && spec.optimizer == OptimizerOptions::Rule::sgd) {
    return KeyConflict{"epsilon", "belongs to the optimizers adam and adamw; leave it out"};
  }
  return std::nullopt;
}

std::string training_keys_table() {
  std::string table = "| key | value | default | meaning |\n|---|---|---|---|\n";
  for_each_training_key([&](const auto& key) {
    table += fmt::format("| `{}` | {} | {} | {} |\n", key.name, values_of(key),
                         shown(TrainingSpec().*key.field), key.help);
  });
  return table;
}

}  // namespace stroma
