#include "datasets/line_reader.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace stroma {
namespace {

TEST(LineReader, CountsLinesAndDropsEitherLineEnd) {
  LineReader lines("one\r\n\ntwo\nlast", "name");
  std::vector<std::pair<std::string, int64_t>> seen;
  while (lines.next()) seen.emplace_back(lines.line(), lines.number());
  EXPECT_EQ(seen, (std::vector<std::pair<std::string, int64_t>>{
                      {"one", 1}, {"", 2}, {"two", 3}, {"last", 4}}));
  EXPECT_EQ(lines.where(), "name:4");
}

TEST(LineReader, PassesOverTheMarksOfFilesThatWereJoined) {
  LineReader lines(
      "\xef\xbb\xbf"
      ">a\n\xef\xbb\xbf\nA\xef\xbb\xbf\n\xef\xbb\xbf>b",
      "name");
  std::vector<std::string> seen;
  while (lines.next()) seen.emplace_back(lines.line());
  EXPECT_EQ(seen, (std::vector<std::string>{">a", "", "A\xef\xbb\xbf", ">b"}));
}

}  // namespace
}  // namespace stroma
