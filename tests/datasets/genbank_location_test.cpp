#include "datasets/genbank_location.h"

#include <gtest/gtest.h>

#include <random>

#include "datasets/alphabet.h"
#include "tests/datasets/files.h"

namespace stroma {
namespace {

// "begin..end" from 0 and half-open, '-' in front for the complement, the accession behind.
std::string shown(const Location& location) {
  std::string text;
  for (const Span& span : location.spans) {
    if (!text.empty()) text += ' ';
    if (span.complement) text += '-';
    text += std::to_string(span.begin) + ".." + std::to_string(span.end);
    if (!span.remote.empty()) text += "@" + span.remote;
  }
  return text;
}

std::string parsed(const std::string& text, bool circular = false) {
  return shown(parse_location(text, {.length = 1000, .circular = circular, .where = "x"}));
}

TEST(GenBankLocation, ReadsEachFormOfTheGrammar) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"467", "466..467"},
      {"340..565", "339..565"},
      {"<345..500", "344..500"},
      {"<1..888", "0..888"},
      {"1..>888", "0..888"},
      {"<1..>888", "0..888"},
      {"<5", "4..5"},
      {">5", "4..5"},
      {"102.110", "101..110"},
      {"(102.110)", "101..110"},
      {"(23.45)..600", "22..600"},
      {"(122.133)..(204.221)", "121..221"},
      {"145^146", "145..145"},
      {"complement(34..126)", "-33..126"},
      {"complement(145^146)", "-145..145"},
      {"join(12..78,134..202)", "11..78 133..202"},
      {"order(12..78,134..202)", "11..78 133..202"},
      {"complement(join(2..10,20..30))", "-19..30 -1..10"},
      {"join(complement(20..30),complement(2..10))", "-19..30 -1..10"},
      {"complement(complement(2..10))", "1..10"},
      {"complement(join(1..2,complement(5..6),8..9))", "-7..9 4..6 -0..2"},
      {"join(1..2,order(3..4,complement(join(5..6,7..8))),9)", "0..2 2..4 -6..8 -4..6 8..9"},
      {"complement(1..2,5..6)", "-4..6 -0..2"},
      {"J00194.1:100..202", "99..202@J00194.1"},
      {"J00194:(8298.8300)..10206", "8297..10206@J00194"},
      {"join(1..100,J00194.1:100..99999)", "0..100 99..99999@J00194.1"},
      {"complement(NC_1.2:<4..>9)", "-3..9@NC_1.2"},
      {"1000", "999..1000"},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(parsed(text), expected) << text;
}

TEST(GenBankLocation, RunsOverTheOriginOfACircularRecord) {
  EXPECT_EQ(parsed("900..10", true), "899..1000 0..10");
  EXPECT_EQ(parsed("complement(900..10)", true), "-0..10 -899..1000");
  EXPECT_EQ(parsed("join(900..1000,1..10)", true), "899..1000 0..10");
  EXPECT_EQ(parsed("1000^1", true), "1000..1000");
  EXPECT_EQ(parsed("join(5..8,<990..>2)", true), "4..8 989..1000 0..2");
}

TEST(GenBankLocation, SaysWhatIsWrong) {
  const auto error_on = [](const std::string& text, bool circular = false) {
    return error_of([&] { parsed(text, circular); });
  };
  const std::vector<std::pair<std::string, std::string>> unreadable = {
      {"", "a number expected at character 1"},
      {"x", "a number expected at character 1"},
      {"1..", "a number expected at character 4"},
      {"1...5", "a number expected at character 4"},
      {"-5..8", "a number expected at character 1"},
      {"5..8x", "text after its end at character 5"},
      {"5..8)", "text after its end at character 5"},
      {"join(1..2", "')' expected at character 10"},
      {"join(1..2,", "a number expected at character 11"},
      {"join()", "a number expected at character 6"},
      {"joint(1..2)", "a number expected at character 1"},
      {"(5.8..9", "')' expected at character 5"},
      {"(5", "'.' expected at character 3"},
      {"(8.5)..9", "an uncertain end that ends before it begins at character 6"},
      {"0..5", "position 0, where bases count from 1, at character 1"},
      {"99999999999999999999", "a number that is too large at character 1"},
      {"5^7", "'^' between bases that are not neighbours at character 4"},
      {"1000^1", "'^' between bases that are not neighbours at character 7"},
      {"5..one-of(8,9)", "one-of(), which is not supported, at character 4"},
      {"bond(2,4)", "bond(), which is not supported, at character 1"},
      {"join(1..2,gap(9))", "gap(), which is not supported, at character 11"},
      {"X:", "a number expected at character 3"},
  };
  for (const auto& [text, problem] : unreadable) {
    EXPECT_EQ(error_on(text), "x: the location '" + text + "' cannot be read (" + problem + ")");
  }
  EXPECT_EQ(error_on("5..1001"),
            "x: the feature at '5..1001' reaches base 1001, outside its record of 1000 bp");
  EXPECT_EQ(
      error_on("join(1..2,1001..5)", true),
      "x: the feature at 'join(1..2,1001..5)' reaches base 1001, outside its record of 1000 bp");
  EXPECT_EQ(error_on("8..5"),
            "x: the location '8..5' holds the range 8..5, which ends before it begins though the "
            "record is not circular");
  EXPECT_EQ(error_on("J1.1:8..5", true),
            "x: the location 'J1.1:8..5' holds the range 8..5, which ends before it begins");
}

TEST(GenBankLocation, LimitsDepthAndShortensLongTexts) {
  const auto nested = [](int depth) {
    std::string text = "5";
    for (int i = 0; i < depth; ++i) text = "complement(" + text + ")";
    return text;
  };
  EXPECT_EQ(parsed(nested(32)), "4..5");
  EXPECT_EQ(parsed(nested(31)), "-4..5");
  const std::string error = error_of([&] { parsed(nested(1000)); });
  EXPECT_TRUE(error.find("too deeply nested at character 364") != std::string::npos) << error;
  EXPECT_LT(error.size(), 200u);
}

/// A random location as text, and the letters that it names in `record`.
std::pair<std::string, std::string> random_location(std::mt19937& random, const std::string& record,
                                                    int depth) {
  const int kind = depth == 0 ? 0 : static_cast<int>(random() % 4);
  if (kind == 0) {
    const size_t begin = random() % record.size();
    const size_t length = 1 + random() % record.size();
    const std::string text =
        std::to_string(begin + 1) + ".." + std::to_string((begin + length - 1) % record.size() + 1);
    return {text, (record + record).substr(begin, length)};
  }
  if (kind == 1) {
    const auto [text, letters] = random_location(random, record, depth - 1);
    return {"complement(" + text + ")", reverse_complement(letters)};
  }
  std::string text = kind == 2 ? "join(" : "order(";
  std::string letters;
  for (int parts = 1 + static_cast<int>(random() % 3); parts > 0; --parts) {
    const auto part = random_location(random, record, depth - 1);
    text += part.first + (parts == 1 ? ")" : ",");
    letters += part.second;
  }
  return {text, letters};
}

TEST(GenBankLocation, LettersOfAnyNestingAreThoseOfItsParts) {
  std::mt19937 random(7);
  for (int trial = 0; trial < 2000; ++trial) {
    std::string record;
    for (size_t length = 1 + random() % 40; record.size() < length;) {
      record += "ACGTN"[random() % 5];
    }
    const auto [text, letters] = random_location(random, record, 4);
    const Location location = parse_location(
        text, {.length = static_cast<int64_t>(record.size()), .circular = true, .where = "x"});
    ASSERT_EQ(letters_at(location, record), letters) << text;
    ASSERT_FALSE(location.is_remote());
  }
}

TEST(GenBankLocation, FlagsPartsInOtherRecords) {
  EXPECT_TRUE(parse_location("join(1..2,A1.1:3..4)", {.length = 9, .where = "x"}).is_remote());
}

}  // namespace
}  // namespace stroma
