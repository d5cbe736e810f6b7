#include "datasets/text_file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/datasets/files.h"
#include "tests/datasets/packed.h"

namespace stroma {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

/// Standard input is this file for as long as the object lives; closed for "".
class StandardInput {
 public:
  explicit StandardInput(const std::filesystem::path& path) : kept_(dup(STDIN_FILENO)) {
    close(STDIN_FILENO);
    if (path.empty()) return;
    const int file = open(path.c_str(), O_RDONLY);
    if (file == STDIN_FILENO) return;
    dup2(file, STDIN_FILENO);
    close(file);
  }
  ~StandardInput() {
    dup2(kept_, STDIN_FILENO);
    close(kept_);
  }
  StandardInput(const StandardInput&) = delete;
  StandardInput& operator=(const StandardInput&) = delete;

 private:
  int kept_;
};

TEST(TextFile, ReadsFromDisk) {
  const TemporaryFolder folder;
  EXPECT_EQ(read_text_file(folder.write("a.txt", "AC\n")), "AC\n");
  EXPECT_EQ(read_text_file(folder.write("mark.txt", "\xef\xbb\xbf>a\r\nAC\r\n")), ">a\r\nAC\r\n");
  EXPECT_EQ(read_text_file(folder.write("a.zst", zstd("\xef\xbb\xbf>a\n"))), ">a\n");
  EXPECT_THROW(read_text_file(folder.path() / "none.txt"), Error);
  EXPECT_THROW(read_text_file(folder.path()), Error);
}

TEST(TextFile, NamesLineEndsOfOldMacs) {
  EXPECT_EQ(
      error_of([] { text_of(">a\rAC\r", "mac.txt"); }),
      "mac.txt: its lines end with carriage returns alone, as on old Macs; convert it with tr "
      "'\\r' '\\n'");
}

TEST(TextFile, NamesWhatIsNoText) {
  EXPECT_EQ(error_of([] { text_of(gzip("BAM\1and so on"), "reads.bam"); }),
            "reads.bam: this is BAM (aligned reads); make FASTA of it: samtools fasta FILE");
  EXPECT_EQ(error_of([] { text_of(gzip(xz(">a\nAC\n")), "x.gz"); }),
            "x.gz: it is compressed twice; unpack it once first");
  EXPECT_THAT(error_of([] { text_of("\xff\xfe>", "x"); }), StartsWith("x: this is UTF-16"));
}

TEST(TextFile, RefusesANameThatNoOutputCanHold) {
  const TemporaryFolder folder;
  const std::string long_name(100, 'a');
  const auto path = folder.write(long_name + "\xfc.csv", "ACGT, a\n");
  EXPECT_EQ(error_of([&] { read_text_file(path); }), "the name of the file '" +
                                                         (folder.path() / long_name).string() +
                                                         "\\xFC.csv' is not UTF-8; rename it");
}

TEST(TextFile, ReadsStandardInputToItsEnd) {
  const TemporaryFolder folder;
  const std::string text(300000, 'A');
  {
    const StandardInput input(folder.write("a.gz", gzip(text)));
    EXPECT_TRUE(read_text_file("-") == text);
  }
  const StandardInput input(folder.write("a.txt", "ACGT\n"));
  EXPECT_EQ(read_text_file("-"), "ACGT\n");
}

TEST(TextFile, NamesStandardInputThatGivesNothing) {
  const TemporaryFolder folder;
  const auto message = [] { return error_of([] { read_text_file("-"); }); };
  {
    const StandardInput input(folder.write("empty", ""));
    EXPECT_THAT(message(), HasSubstr("standard input is empty or closed"));
  }
  {
    const StandardInput input(folder.path());
    EXPECT_THAT(message(), HasSubstr("cannot read standard input: "));
  }
  const StandardInput input("");
  EXPECT_THAT(message(), HasSubstr("standard input"));
  EXPECT_EQ(name_of("-"), "standard input");
  EXPECT_EQ(name_of("./-"), "./-");
}

}  // namespace
}  // namespace stroma
