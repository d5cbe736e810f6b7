#include "layers/class_weights.h"

#include <gtest/gtest.h>

#include "kernels/error.h"

namespace stroma {
namespace {

using Rule = ClassWeights::Rule;

TEST(ClassWeights, AreRulesOrGivenByLabel) {
  EXPECT_EQ(read_class_weights("none").rule, Rule::none);
  EXPECT_EQ(read_class_weights("inverse").rule, Rule::inverse);
  EXPECT_EQ(read_class_weights("balanced").rule, Rule::balanced);
  const ClassWeights given = read_class_weights("a:1.5,b:c:2");
  EXPECT_EQ(given.rule, Rule::given);
  EXPECT_EQ(given.given, (std::vector<std::pair<std::string, double>>{{"a", 1.5}, {"b:c", 2}}));
}

TEST(ClassWeights, KnowTheirFormerNames) {
  EXPECT_EQ(read_class_weights("true"), read_class_weights("inverse"));
  EXPECT_EQ(read_class_weights("false"), read_class_weights("none"));
}

TEST(ClassWeights, ComeBackFromTheirText) {
  for (const char* text : {"none", "inverse", "balanced", "a:1.5,b:c:2", "x:0.1"}) {
    EXPECT_EQ(to_string(read_class_weights(text)), text);
  }
}

TEST(ClassWeights, RefuseOtherText) {
  for (const char* text : {"", "a", "a:", ":1", "a:1,", "a:x", "a:1x", "a:0", "a:-1", "a:inf",
                           "a:nan", "a:1e-60", "a:1,a:2"}) {
    EXPECT_THROW(read_class_weights(text), Error) << text;
  }
}

}  // namespace
}  // namespace stroma
