#include "datasets/text_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "engine/files.h"
#include "tests/datasets/files.h"

namespace stroma {
namespace {

using testing::HasSubstr;

std::string letters(int64_t count) {
  std::string text;
  uint32_t state = 1;
  for (int64_t i = 0; i < count; ++i) {
    state = state * 1664525 + 1013904223;
    text += "ACGT\n"[(state >> 24) % 5];
  }
  return text;
}

std::string gzip(std::string text) {
  z_stream stream = {};
  deflateInit2(&stream, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY);
  std::string packed(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(text.data());
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

std::string bgzip(const std::string& text) {
  const TemporaryFolder folder;
  return read_file(folder.write_compressed("text.gz", text, "w"));
}

std::string message_of(const std::string& bytes) {
  return error_of([&] { decompress_text(bytes, "x.gz"); });
}

TEST(TextFile, ReadsPlainGzipAndBgzipAlike) {
  const std::string text = letters(700001);
  EXPECT_EQ(decompress_text(text, "x"), text);
  EXPECT_EQ(decompress_text(gzip(text), "x"), text);
  EXPECT_EQ(decompress_text(bgzip(text), "x"), text);
  EXPECT_EQ(decompress_text(gzip(text) + gzip(">a\nC\n") + gzip(""), "x"), text + ">a\nC\n");
  EXPECT_EQ(decompress_text("", "x"), "");
  EXPECT_EQ(decompress_text(gzip(""), "x"), "");
  EXPECT_EQ(decompress_text(bgzip(""), "x"), "");
}

TEST(TextFile, FindsATruncationAtEachByte) {
  for (const std::string& packed : {gzip(letters(100)), bgzip(letters(100))}) {
    for (size_t size = 2; size < packed.size(); ++size) {
      EXPECT_THAT(message_of(packed.substr(0, size)), HasSubstr("x.gz: the compressed file is tr"))
          << size << " of " << packed.size();
    }
  }
}

TEST(TextFile, FindsAMissingBgzipEnd) {
  const std::string packed = bgzip(letters(200000));
  EXPECT_THAT(message_of(packed.substr(0, packed.size() - 28)), HasSubstr("truncated"));
}

TEST(TextFile, FindsDamage) {
  std::string packed = gzip(letters(1000));
  packed[packed.size() - 5] ^= 1;  // in the checksum
  EXPECT_THAT(message_of(packed), HasSubstr("damaged"));
  EXPECT_THAT(message_of(gzip("AC") + "trailing"), HasSubstr("damaged"));
  EXPECT_THAT(message_of("\x1f\x8bnot gzip at all"), HasSubstr("damaged"));
}

TEST(TextFile, ReadsFromDisk) {
  const TemporaryFolder folder;
  EXPECT_EQ(read_text_file(folder.write("a.txt", "AC\n")), "AC\n");
  EXPECT_EQ(read_text_file(folder.write("mark.txt", "\xef\xbb\xbf>a\r\nAC\r\n")), ">a\r\nAC\r\n");
  EXPECT_THROW(read_text_file(folder.write("mac.txt", ">a\rAC\r")), Error);
  EXPECT_THROW(read_text_file(folder.path() / "none.txt"), Error);
  EXPECT_THROW(read_text_file(folder.path()), Error);
}

}  // namespace
}  // namespace stroma
