#include "engine/text.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace stroma {
namespace {

TEST(Trimmed, LeavesBlanksWithin) {
  EXPECT_EQ(trimmed(" \ta b\t "), "a b");
  EXPECT_EQ(trimmed("a"), "a");
  EXPECT_EQ(trimmed(" \t"), "");
  EXPECT_EQ(trimmed(""), "");
}

TEST(Trimmed, TakesOtherCharactersToBeBlank) {
  EXPECT_EQ(trimmed("a\n"), "a\n");
  EXPECT_EQ(trimmed("\r\n a \n", " \r\n"), "a");
}

TEST(SameWord, ForgivesCaseAlone) {
  EXPECT_TRUE(same_word("Gene", "gENE"));
  EXPECT_TRUE(same_word("", ""));
  EXPECT_FALSE(same_word("gene", "genes"));
  EXPECT_FALSE(same_word("[", "{"));  // they differ by the bit that tells 'a' from 'A'
}

/// The bytes of a code point, by the table of RFC 3629.
std::string bytes_of(uint32_t code) {
  const auto last = [&](int bits) { return static_cast<char>(0x80 | ((code >> bits) & 0x3f)); };
  if (code < 0x80) return {static_cast<char>(code)};
  if (code < 0x800) return {static_cast<char>(0xc0 | code >> 6), last(0)};
  if (code < 0x10000) return {static_cast<char>(0xe0 | code >> 12), last(6), last(0)};
  return {static_cast<char>(0xf0 | code >> 18), last(12), last(6), last(0)};
}

TEST(FirstCodePoint, ReadsEachCharacterOfUnicodeButSurrogates) {
  for (uint32_t code = 0; code <= 0x110000; code = code < 0x3000 ? code + 1 : code + 0x7f) {
    const std::string bytes = bytes_of(code);
    const CodePoint read = first_code_point(bytes + "\x80");
    const bool is_character = code < 0xd800 || (code > 0xdfff && code <= 0x10ffff);
    EXPECT_EQ(read.size, is_character ? bytes.size() : 0) << std::hex << code;
    EXPECT_EQ(read.code, is_character ? code : 0) << std::hex << code;
  }
}

TEST(FirstCodePoint, RefusesWhatIsCutShort) {
  for (const uint32_t code : {0xfcu, 0x20acu, 0x1f331u}) {
    const std::string bytes = bytes_of(code);
    for (size_t size = 1; size < bytes.size(); ++size) {
      EXPECT_EQ(first_code_point(bytes.substr(0, size)).size, 0u);
      EXPECT_EQ(first_code_point(bytes.substr(0, size) + "a").size, 0u);
    }
  }
}

TEST(IsUtf8, HoldsForWholeTexts) {
  for (const char* text : {"", "psbA", "m\xc3\xbc", "\xce\xb1\xf0\x9f\x8c\xb1", "\xc2\xa0"}) {
    EXPECT_TRUE(is_utf8(text)) << text;
  }
  for (const char* bytes : {"\xff", "a\x80", "m\xfc", "\xc3", "\xc0\xaf", "\xe0\x80\xaf",
                            "\xed\xa0\x80", "\xf0\x80\x80\xaf", "\xf4\x90\x80\x80"}) {
    EXPECT_FALSE(is_utf8(bytes));
  }
}

TEST(CsvField, IsInQuotesWhereOneFieldWouldNotStayOne) {
  for (const char* plain : {"", "a", "a b", "a;b", "a\tb", "5'-UTR"}) {
    EXPECT_EQ(csv_field(plain), plain);
  }
  EXPECT_EQ(csv_field("a,b"), "\"a,b\"");
  EXPECT_EQ(csv_field("a \"b\""), "\"a \"\"b\"\"\"");
  EXPECT_EQ(csv_field("a\nb"), "\"a\nb\"");
  EXPECT_EQ(csv_field("a\r"), "\"a\r\"");
  EXPECT_EQ(csv_field(" a"), "\" a\"");
  EXPECT_EQ(csv_field("a\t"), "\"a\t\"");
}

TEST(EditDistance, CountsInsertionsDeletionsAndReplacements) {
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
  EXPECT_EQ(edit_distance("sunday", "saturday"), 3u);
  EXPECT_EQ(edit_distance("epohcs", "epochs"), 2u);
  EXPECT_EQ(edit_distance("same", "same"), 0u);
}

TEST(EditDistance, FromNothingIsTheLength) {
  EXPECT_EQ(edit_distance("", "word"), 4u);
  EXPECT_EQ(edit_distance("word", ""), 4u);
  EXPECT_EQ(edit_distance("", ""), 0u);
}

}  // namespace
}  // namespace stroma
