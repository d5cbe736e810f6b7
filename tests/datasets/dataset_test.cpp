#include "datasets/dataset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/datasets/files.h"

namespace stroma {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(LabelOf, IsTheWholeIdUnlessItIsToBeCut) {
  for (const char* id : {"petA", "ycf1_fragment", "NC_000001.1", "petA.2", "_x"}) {
    EXPECT_EQ(label_of(id, ""), id);
  }
  EXPECT_EQ(label_of("petA", "_"), "petA");
  EXPECT_EQ(label_of("petA_1_x", "_"), "petA");
  EXPECT_EQ(label_of("petA.2", "_"), "petA.2");
  EXPECT_EQ(label_of("_x", "_"), "");
  EXPECT_EQ(label_of("petA__x_y", "__"), "petA");
}

/// The labels of these ids cut at '_'.
std::vector<std::string> cut_labels(std::vector<Sequence> sequences,
                                    std::vector<std::string>& notes) {
  LabelledSequences labelled{std::move(sequences), {}};
  labelled.labels.resize(labelled.sequences.size());
  label_by_id(labelled, "_", notes);
  return labelled.labels;
}

TEST(LabelById, SaysOnceWhereNamesFallTogether) {
  std::vector<std::string> notes;
  EXPECT_THAT(cut_labels({{"b_1", "A"}, {"a", "A"}, {"b_1", "C"}}, notes),
              ElementsAre("b", "a", "b"));
  EXPECT_THAT(notes, ElementsAre());
  EXPECT_THAT(cut_labels({{"y_a", "A"}, {"p", "A"}, {"y_b", "C"}, {"y_c", "C"}}, notes),
              ElementsAre("y", "p", "y", "y"));
  EXPECT_THAT(notes, ElementsAre(HasSubstr("'y_a' and 'y_b' are both of the class 'y'")));
}

TEST(LabelById, RefusesAnEmptyLabelByItsPlace) {
  std::vector<std::string> notes;
  EXPECT_THAT(error_of([&] {
                cut_labels({{"_1", "A", 7, "x.fa"}}, notes);
              }),
              HasSubstr("x.fa:7: nothing of the name '_1'"));
}

TEST(LabelById, LeavesLabelsThatAreThere) {
  std::vector<std::string> notes;
  LabelledSequences labelled{{{"x.csv:1", "A"}, {"b", "C"}}, {"given", ""}};
  label_by_id(labelled, "", notes);
  EXPECT_THAT(labelled.labels, ElementsAre("given", "b"));
}

TEST(DistinctIds, TellWhatIsNeededToTellSequencesApart) {
  const auto ids = [](const std::vector<Sequence>& sequences) { return distinct_ids(sequences); };
  // {id, letters, line, file, record}
  EXPECT_THAT(ids({{"a", "", 0, "d/x.gb", "R1"}, {"b", "", 0, "d/x.gb", "R1"}}),
              ElementsAre("a", "b"));
  EXPECT_THAT(ids({{"a", "", 0, "d/x.gb", "R1"}, {"a", "", 0, "d/x.gb", "R2"}}),
              ElementsAre("R1/a", "R2/a"));
  EXPECT_THAT(ids({{"a", "", 0, "d/x.gb", "R1"}, {"a", "", 0, "d/y.gb", "R1"}}),
              ElementsAre("x.gb/R1/a", "y.gb/R1/a"));
  EXPECT_THAT(ids({{"a", "", 0, "d/x.fa"}, {"a", "", 0, "e/x.fa"}}),
              ElementsAre("d/x.fa/a", "e/x.fa/a"));
  EXPECT_THAT(ids({{"x.csv:1", "", 0, "d/x.csv"}, {"a", "", 0, "d/x.fa"}}),
              ElementsAre("x.csv:1", "x.fa/a"));
  EXPECT_THAT(ids({{"x.csv:1", "", 0, "d/x.csv"}, {"x.csv:1", "", 0, "e/x.csv"}}),
              ElementsAre("d/x.csv:1", "e/x.csv:1"));
  EXPECT_THAT(ids({{"a", ""}, {"a", ""}, {"a#2", ""}, {"a", ""}}),
              ElementsAre("a", "a#2", "a#2#2", "a#3"));
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

TEST(WholeSequences, OfAnotherLengthThanIsAskedForAreNoExamples) {
  const Dataset dataset =
      whole_sequences({{{"a", "ACG"}, {"b", "CC"}, {"c", "CC"}}, {"a", "b", "c"}}, 2);
  EXPECT_EQ(dataset.length, 2);
  ASSERT_EQ(dataset.examples.size(), 2u);
  EXPECT_EQ(dataset.examples[0].sequence, 1);
}

TEST(WholeSequences, MustHaveOneLength) {
  EXPECT_THAT(error_of([] {
                whole_sequences({{{"x:1", "ACG"}, {"x:2", "CC"}}, {"b", "a"}});
              }),
              HasSubstr("x:1 has 3 letters and x:2 has 2"));
  EXPECT_THROW(whole_sequences({}), Error);
}

TEST(PaddedSequences, AreOneExampleEachOfTheLettersThatThereAre) {
  const LabelledSequences labelled{{{"a", "ACG"}, {"b", "C"}, {"c", "GGGTT"}}, {"y", "x", "y"}};
  const Dataset longest = padded_sequences(labelled, 0, {});
  EXPECT_EQ(longest.length, 5);
  ASSERT_EQ(longest.examples.size(), 3u);
  EXPECT_EQ(longest.window(longest.examples[0]), "ACG");
  EXPECT_EQ(longest.examples[1].label, 0);
  EXPECT_EQ(example_id(longest, longest.examples[1]), "b:1-1");

  const Dataset shorter = padded_sequences(labelled, 4, {});
  EXPECT_EQ(shorter.length, 4);
  EXPECT_EQ(shorter.window(shorter.examples[2]), "GGGT");
  EXPECT_EQ(example_id(shorter, shorter.examples[2]), "c:1-4");
  EXPECT_EQ(padded_sequences(labelled, 9, {}).length, 9);
  EXPECT_THROW(padded_sequences({}, 4, {}), Error);
}

}  // namespace
}  // namespace stroma
