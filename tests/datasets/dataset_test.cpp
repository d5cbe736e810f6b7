#include "datasets/dataset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/datasets/files.h"

namespace stroma {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(LabelOf, IsTheIdUpToItsFirstUnderscore) {
  EXPECT_EQ(label_of("petA"), "petA");
  EXPECT_EQ(label_of("petA_1_x"), "petA");
  EXPECT_EQ(label_of("petA.2"), "petA.2");
  EXPECT_EQ(label_of("_x"), "");
}

TEST(LabelById, RefusesAnEmptyLabel) {
  EXPECT_THAT(label_by_id({{"b_1", "A"}, {"a", "A"}, {"b_1", "C"}}, "x.fa").labels,
              ElementsAre("b", "a", "b"));
  EXPECT_THROW(label_by_id({{"_1", "A"}}, "x.fa"), Error);
}

TEST(LabelById, RefusesNamesThatWouldSilentlyBecomeOneClass) {
  try {
    label_by_id({{"ycf1_a", "A", 1}, {"psbA", "A", 3}, {"ycf1_b", "C", 5}}, "x.fa");
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("x.fa:5: 'ycf1_a' and 'ycf1_b' would both get the label"));
  }
}

TEST(WholeSequences, AreOneExampleEach) {
  const Dataset dataset =
      whole_sequences({{{"x:1", "ACG"}, {"x:2", "CCC"}, {"x:3", "GGG"}}, {"b", "a", "b"}});
  EXPECT_THAT(dataset.labels, ElementsAre("a", "b"));
  EXPECT_EQ(dataset.length, 3);
  ASSERT_EQ(dataset.examples.size(), 3u);
  EXPECT_EQ(dataset.window(dataset.examples[1]), "CCC");
  EXPECT_EQ(dataset.examples[1].label, 0);
  EXPECT_EQ(dataset.examples[2].label, 1);
}

TEST(WholeSequences, MustHaveOneLength) {
  EXPECT_THAT(error_of([] {
                whole_sequences({{{"x:1", "ACG"}, {"x:2", "CC"}}, {"b", "a"}});
              }),
              HasSubstr("x:1 has 3 letters and x:2 has 2"));
  EXPECT_THROW(whole_sequences({}), Error);
}

}  // namespace
}  // namespace stroma
