#include "layers/training_spec.h"

#include <fmt/format.h>

#include <algorithm>
#include <type_traits>
#include <vector>

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
void read(TomlReader& table, const TrainingKey<bool>& key, bool& value) {
  table.read(key.name, value);
}
template <Named Enum>
void read(TomlReader& table, const TrainingKey<Enum>& key, Enum& value) {
  std::string name;
  if (table.read(key.name, name, names_of<Enum>())) value = named<Enum>(name);
}

template <class T>
std::string values_of(const TrainingKey<T>& key) {
  if constexpr (std::is_same_v<T, bool>) {
    return "`true` or `false`";
  } else if constexpr (Named<T>) {
    std::vector<std::string> names = names_of<T>();
    for (std::string& name : names) name = "`\"" + name + "\"`";
    return listed(names, "or");
  } else {
    return (std::is_same_v<T, int> ? "a whole number, " : "a number, ") + key.allowed.text();
  }
}

std::string shown(double value) { return fmt::format("`{}`", value); }
std::string shown(int value) { return fmt::format("`{}`", value); }
std::string shown(bool value) { return fmt::format("`{}`", value); }
std::string shown(std::optional<double> value) { return value ? shown(*value) : "none"; }
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
  return spec;
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
