#include "datasets/decompress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>

#include "tests/datasets/files.h"
#include "tests/datasets/packed.h"

namespace stroma {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::string letters(int64_t count) {
  std::string text;
  uint32_t state = 1;
  for (int64_t i = 0; i < count; ++i) {
    state = state * 1664525 + 1013904223;
    text += "ACGT\n"[(state >> 24) % 5];
  }
  return text;
}

const std::map<std::string, std::function<std::string(const std::string&)>> packers = {
    {"gzip", gzip},
    {"bgzip", bgzip},
    {"bzip2", bzip2},
    {"xz", xz},
    {"zstd", [](const std::string& text) { return zstd(text); }}};

std::string message_of(const std::string& bytes) {
  return error_of([&] { decompress(bytes, "x"); });
}

TEST(Decompress, ReadsAnyNumberOfStreamsOfEachPacker) {
  for (const auto& [name, pack] : packers) {
    SCOPED_TRACE(name);
    const std::string text = letters(950001);  // more than a block of bzip2
    const std::string packed = pack(text);
    EXPECT_TRUE(is_compressed(packed));
    EXPECT_TRUE(decompress(packed, "x") == text);
    EXPECT_EQ(decompress(pack(""), "x"), "");
    EXPECT_EQ(decompress(pack(">a\nA") + pack("") + pack("C\n"), "x"), ">a\nAC\n");
  }
}

TEST(Decompress, LeavesOtherBytesAlone) {
  for (const std::string& text : {std::string(), letters(1000), std::string("BZhA, a\n"),
                                  std::string("BZh"), std::string("\0\1\2", 3)}) {
    EXPECT_FALSE(is_compressed(text));
    EXPECT_EQ(decompress(text, "x"), text);
  }
}

TEST(Decompress, FindsATruncationAtEachByte) {
  for (const auto& [name, pack] : packers) {
    const std::string packed = pack(letters(100));
    for (size_t size = 0; size < packed.size(); ++size) {
      const std::string cut = packed.substr(0, size);
      if (!is_compressed(cut)) continue;  // too little to tell
      EXPECT_EQ(message_of(cut), "x: the compressed file is truncated; copy or download it again")
          << name << ' ' << size << " of " << packed.size();
    }
  }
}

TEST(Decompress, FindsAMissingBgzipEnd) {
  const std::string packed = bgzip(letters(200000));
  EXPECT_THAT(message_of(packed.substr(0, packed.size() - 28)), HasSubstr("truncated"));
}

TEST(Decompress, FindsDamageInEachPackersFile) {
  for (const auto& [name, pack] : packers) {
    SCOPED_TRACE(name);
    const std::string packed = pack(letters(1000));
    EXPECT_THAT(message_of(packed + "and bytes of no stream"),
                HasSubstr(name == "bgzip" ? "truncated" : "damaged"));
    std::string damaged = packed;
    damaged[packed.size() / 2] ^= 0x55;
    EXPECT_THAT(message_of(damaged), StartsWith("x: the compressed file is damaged"));
  }
  std::string packed = gzip(letters(1000));
  packed[packed.size() - 5] ^= 1;  // in the checksum
  EXPECT_THAT(message_of(packed), HasSubstr("damaged"));
  EXPECT_THAT(message_of("\x1f\x8bnot gzip at all"), HasSubstr("damaged"));
}

TEST(Decompress, RefusesAFileThatAsksForVeryMuchMemory) {
  EXPECT_EQ(
      message_of(zstd("ACGT", 31)),
      "x: the compressed file takes very much memory; unpack it first: zstd -d --long=31 FILE");
  EXPECT_EQ(decompress(zstd("ACGT", 27), "x"), "ACGT");
}

}  // namespace
}  // namespace stroma
