// How a run trains unless the command line says otherwise: the [training] table of a model's spec.
// Its keys stand in layers/training_keys.def and nowhere else.
#pragma once

#include <optional>
#include <string>

#include "engine/names.h"
#include "engine/optimizer.h"
#include "engine/split_method.h"
#include "layers/class_weights.h"
#include "layers/range.h"

namespace stroma {

class TomlReader;

/// The weights that a run ends with: of the last epoch, or of that with the best validation loss.
enum class Keep { last, best };
template <>
struct NamesOf<Keep> {
  static constexpr const char* kind = "choice of weights to keep";
  static constexpr const char* all[] = {"last", "best"};
};

/// How the learning rate changes: training/schedules/.
enum class LrSchedule { step, exponential, cosine, one_cycle, plateau };
template <>
struct NamesOf<LrSchedule> {
  static constexpr const char* kind = "schedule of the learning rate";
  static constexpr const char* all[] = {"step", "exponential", "cosine", "one_cycle", "plateau"};
};

/// One of names_of_losses().
struct LossName {
  std::string text = "cross_entropy";
  bool operator==(const LossName&) const = default;
};

struct TrainingSpec {
#define KEY(type, name, otherwise, allowed, help) type name = otherwise;
#include "layers/training_keys.def"
#undef KEY
};

/// A key, and the field that it sets.
template <class T>
struct TrainingKey {
  const char* name;
  T TrainingSpec::*field;
  Range allowed;  // of a number
  const char* help;
};

/// Calls `visit` with the TrainingKey of each key, in the order of config.json.
template <class Visit>
void for_each_training_key(Visit&& visit) {
  using namespace ranges;
  constexpr Range by_type{};
#define KEY(type, name, otherwise, allowed, help) \
  visit(TrainingKey<type>{#name, &TrainingSpec::name, allowed, help});
#include "layers/training_keys.def"
#undef KEY
}

/// Reads the table to its end; throws Error with file and line.
TrainingSpec read_training(TomlReader& table);

/// Two keys that exclude each other: the one to leave out, and why, without a subject.
struct KeyConflict {
  std::string key, why;
};
/// The first of them that there is, in a spec or on the command line.
std::optional<KeyConflict> conflict_in(const TrainingSpec& spec);

/// All keys, as the table in docs/models.md has them.
std::string training_keys_table();

}  // namespace stroma
