// The one table of training keys, and what is made of it.
#include "layers/training_spec.h"

#include <gtest/gtest.h>

#include "engine/files.h"
#include "layers/model_spec.h"
#include "tests/folder.h"

namespace stroma {
namespace {

const std::string head = "name = \"m\"\nalphabet = \"dna\"\nlength = 40\n[training]\n";
const std::string layer = "\n[[layers]]\ntype = \"linear\"\nname = \"fc\"\nout_features = 2\n";

TrainingSpec with(const std::string& line) {
  return parse_model_spec(head + line + layer, "m.toml").training;
}

// A value that a key may have and that is not its default, as TOML writes it.
std::string another(int value) { return std::to_string(value + 3); }
std::string another(double) { return "0.625"; }
std::string another(const std::optional<double>&) { return "0.625"; }
std::string another(const LossName&) { return "\"hinge\""; }
std::string another(const ClassWeights&) { return "\"a:2,b:1.5\""; }
template <Named Enum>
std::string another(Enum value) {
  return "\"" + names_of<Enum>()[value == Enum{} ? 1 : 0] + "\"";
}

TEST(TrainingSpec, AnEmptyTableGivesEveryDefault) {
  const TrainingSpec read = with("");
  for_each_training_key(
      [&](const auto& key) { EXPECT_EQ(read.*key.field, TrainingSpec().*key.field) << key.name; });
}

TEST(TrainingSpec, EachKeySetsItsFieldAlone) {
  for_each_training_key([&](const auto& key) {
    SCOPED_TRACE(key.name);
    const std::string sgd = std::string(key.name) == "momentum" ? "\noptimizer = \"sgd\"" : "";
    const TrainingSpec before = with(sgd);
    const TrainingSpec after =
        with(std::string(key.name) + " = " + another(before.*key.field) + sgd);
    for_each_training_key([&](const auto& other) {
      if (std::string(other.name) == key.name) {
        EXPECT_NE(after.*other.field, before.*other.field);
      } else {
        EXPECT_EQ(after.*other.field, before.*other.field) << other.name;
      }
    });
  });
}

TEST(TrainingSpec, DocsHaveTheTableOfItsKeys) {
  const std::string docs = read_file(test::folder() / "../docs/models.md");
  const std::string begin = "<!-- training keys -->\n", end = "<!-- end of training keys -->\n";
  const std::size_t from = docs.find(begin) + begin.size();
  EXPECT_EQ(docs.substr(from, docs.find(end) - from), training_keys_table())
      << "put the second between the marks in docs/models.md";
}

}  // namespace
}  // namespace stroma
