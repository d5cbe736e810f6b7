#include "datasets/sequence_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/datasets/files.h"

namespace stroma {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string error_on(const std::string& text) {
  return error_of([&] { parse_sequence_table(text, "t"); });
}

/// The second fields of the rows of sequences with these ids.
std::vector<std::string> found(const std::string& text, const std::vector<std::string>& ids,
                               std::vector<std::string>& notes) {
  std::vector<Sequence> sequences;
  for (const std::string& id : ids) sequences.push_back({.id = id, .letters = "A", .line = 7});
  const SequenceTable table = parse_sequence_table(text, "t");
  std::vector<std::string> fields;
  for (const auto* row : rows_of(table, sequences, notes)) fields.push_back(row->fields[1]);
  return fields;
}

TEST(SequenceTable, IsReadWithTabsOrCommasAndWithOrWithoutAHeader) {
  for (const std::string text : {"a\t1\nb\t0\n", "a,1\nb,0\n", "\r\n a , \"1\" \r\nb,0\r\n",
                                 "id\tlabel\nb\t0\na\t1", "#name,class\na,1\nb,0\n"}) {
    std::vector<std::string> notes;
    EXPECT_THAT(found(text, {"a", "b", "a"}, notes), ElementsAre("1", "0", "1")) << text;
    EXPECT_THAT(notes, IsEmpty()) << text;
  }
}

TEST(SequenceTable, KeepsCommasWithinTabsAndWithinQuotes) {
  std::vector<std::string> notes;
  EXPECT_THAT(found("a\t1, 2\t\n", {"a"}, notes), ElementsAre("1, 2"));
  EXPECT_THAT(found("a,\"1, 2\"\n", {"a"}, notes), ElementsAre("1, 2"));
  EXPECT_THAT(parse_sequence_table("a\t\tx\n", "t").rows[0].fields, ElementsAre("a", "", "x"));
}

TEST(SequenceTable, NamesItsColumns) {
  const SequenceTable table = parse_sequence_table("id,label,patient\na,1,p\n", "t");
  EXPECT_EQ(column_named(table, "patient"), 2u);
  EXPECT_FALSE(column_named(table, "id"));
  EXPECT_FALSE(column_named(table, "weight"));
}

TEST(SequenceTable, RefusesAnIdThatItHasAlready) {
  EXPECT_EQ(error_on("a,1\nb,0\na,1\n"), "t:3: 'a' is in line 1 already; leave one of them out");
  EXPECT_EQ(error_on("a,1\n\na,0\n"),
            "t:3: 'a' has '0' here and '1' in line 1; leave the wrong one out");
}

TEST(SequenceTable, SaysWhichLineIsNone) {
  EXPECT_THAT(error_on("\n \n"), HasSubstr("t: the table is empty"));
  EXPECT_THAT(error_on("a,1\nb\n"), HasSubstr("t:2: a line of a table holds an id and"));
  EXPECT_EQ(error_on("a,1\nb,1,2\n"), "t:2: there are 3 fields, but 2 in line 1");
  EXPECT_EQ(error_on("a,1\n,1\n"), "t:2: the id is empty");
  EXPECT_THAT(error_on("a,\"1\n"), HasSubstr("t:1: a quote is opened"));
  EXPECT_THAT(error_on("a,\x01\n"), HasSubstr("t:1: "));
}

TEST(SequenceTable, SaysWhichSequenceOrLineIsAlone) {
  std::vector<std::string> notes;
  EXPECT_EQ(error_of([&] {
              found("a,1\n", {"a", "b"}, notes);
            }),
            "line 7: 'b' has no line in t; add one, or leave the sequence out");
  EXPECT_THAT(found("a,1\nb,1\nc,1\n", {"a"}, notes), ElementsAre("1"));
  EXPECT_THAT(notes, ElementsAre("t:2: no sequence is called 'b'; 2 of 3 lines are not used."));
}

}  // namespace
}  // namespace stroma
