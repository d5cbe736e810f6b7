#include "datasets/name_check.h"

#include <gtest/gtest.h>

#include <string>

#include "engine/text.h"
#include "tests/datasets/files.h"

namespace stroma {
namespace {

TEST(NameCheck, TakesAnyTextWhatsoever) {
  for (const std::string name :
       {"", "psbA", "NC_000001.1", "gi|5835135|ref|NC_001643.1|", "trnfM-CAU", "5'-UTR \"a\", b",
        "m\xc3\xbc", "\xce\xb1", "\xf0\x9f\x8c\xb1", "\xc2\xa0", "a\xe2\x80\xaez"}) {
    EXPECT_EQ(name_problem("the id", name), "") << name;
  }
}

TEST(NameCheck, RefusesWhatIsNotUtf8AndShowsIt) {
  EXPECT_EQ(name_problem("the id",
                         "m\xfc"
                         "b"),
            "the id 'm\\xFCb' is not UTF-8; convert the file, as by iconv -f LATIN1 -t UTF-8 FILE");
  for (const std::string bytes : {"\xff", "\x80", "\xc3", "\xc0\xaf", "\xe0\x80\xaf",
                                  "\xed\xa0\x80", "\xf0\x80\x80\xaf", "\xf4\x90\x80\x80"}) {
    const std::string problem = name_problem("the label", "a" + bytes);
    EXPECT_NE(problem.find("is not UTF-8"), std::string::npos) << problem;
    EXPECT_TRUE(is_utf8(problem));
  }
}

TEST(NameCheck, RefusesEachControlCharacter) {
  for (int code = 0; code < 0x100; ++code) {
    const bool control = code < 0x20 || (code >= 0x7f && code < 0xa0);
    std::string name = "a";
    if (code < 0x80) {
      name += static_cast<char>(code);
    } else {
      name += static_cast<char>(0xc0 | code >> 6);
      name += static_cast<char>(0x80 | (code & 0x3f));
    }
    EXPECT_EQ(name_problem("the id", name).find("control character") != std::string::npos, control)
        << code;
  }
  EXPECT_EQ(name_problem("the id", std::string("a\0b", 3)),
            "the id 'a\\x00b' holds a control character; remove it");
  EXPECT_EQ(name_problem("the label", "a\tb"),
            "the label 'a\\x09b' holds a control character, a tab; remove it");
}

TEST(NameCheck, RefusesAMarkThatWouldMakeTwoNamesOfOne) {
  EXPECT_EQ(name_problem("the label", "\xef\xbb\xbfpsbA"),
            "the label '\\xEF\\xBB\\xBFpsbA' holds a byte-order mark, which cannot be seen; remove "
            "it");
}

TEST(NameCheck, CutsALongNameInItsMessage) {
  const std::string problem = name_problem("the id", std::string(1000, 'a') + "\xff");
  EXPECT_TRUE(problem.starts_with("the id '" + std::string(60, 'a') + "…' is not UTF-8"));
}

TEST(NameCheck, SaysWhere) {
  EXPECT_EQ(error_of([] { check_name("the id", "a\n", "x.fa", 7); }),
            "x.fa:7: the id 'a\\x0A' holds a control character; remove it");
  check_name("the id", "a", "x.fa", 7);
}

TEST(NameCheck, DescribesBytes) {
  EXPECT_EQ(describe_byte('7'), "the character '7'");
  EXPECT_EQ(describe_byte('\xfc'), "the byte 0xFC");
  EXPECT_EQ(describe_byte('\t'), "the byte 0x09");
}

}  // namespace
}  // namespace stroma
