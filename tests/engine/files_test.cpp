#include "engine/files.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "kernels/error.h"

namespace stroma {
namespace {

namespace fs = std::filesystem;

class Files : public testing::Test {
 protected:
  Files() {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  ~Files() override { fs::remove_all(folder_); }

  std::vector<std::string> names() const {
    std::vector<std::string> result;
    for (const auto& entry : fs::directory_iterator(folder_)) {
      result.push_back(entry.path().filename());
    }
    return result;
  }

  fs::path folder_ = fs::temp_directory_path() / ("stroma_files_" + std::to_string(getpid()));
};

std::string message_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "(nothing was thrown)";
}

TEST_F(Files, ReadsBackWhatWasWritten) {
  std::string content(200001, '\0');
  for (std::size_t i = 0; i < content.size(); ++i) content[i] = static_cast<char>(i * 7);
  write_file(folder_ / "a", content);
  EXPECT_EQ(read_file(folder_ / "a"), content);
  write_file(folder_ / "a", "");
  EXPECT_EQ(read_file(folder_ / "a"), "");
  EXPECT_EQ(names(), std::vector<std::string>{"a"});
}

TEST_F(Files, AFailureInTheMiddleLeavesTheOldFileAndNothingElse) {
  write_file(folder_ / "a", "old");
  const auto fails = [&] {
    write_file(folder_ / "a", [](std::ostream& stream) {
      stream << "half";
      throw Error("no more");
    });
  };
  EXPECT_EQ(message_of(fails), "no more");
  EXPECT_EQ(read_file(folder_ / "a"), "old");
  EXPECT_EQ(names(), std::vector<std::string>{"a"});
}

TEST_F(Files, MessagesNameThePathAndTheReason) {
  const std::string missing = folder_ / "no" / "a";
  EXPECT_EQ(message_of([&] { read_file(missing); }),
            "cannot read " + missing + ": no such file or directory");
  EXPECT_EQ(message_of([&] { write_file(missing, "x"); }),
            "cannot write " + missing + ": there is no folder " + (folder_ / "no").string() +
                "; make it first");
  EXPECT_EQ(message_of([&] { read_file(folder_); }),
            "cannot read " + folder_.string() + ": is a directory");
  EXPECT_EQ(message_of([&] { write_file(folder_, "x"); }),
            "cannot write " + folder_.string() + ": is a directory");
}

TEST_F(Files, AForbiddenFolderIsAnError) {
  if (geteuid() == 0) GTEST_SKIP() << "root may write anywhere";
  fs::permissions(folder_, fs::perms::owner_read | fs::perms::owner_exec);
  EXPECT_EQ(message_of([&] { write_file(folder_ / "a", "x"); }),
            "cannot write " + (folder_ / "a").string() + ": permission denied");
  fs::permissions(folder_, fs::perms::owner_all);
}

TEST_F(Files, AFullDiskIsAnErrorWhereverItShows) {
  // Small content fails when it is flushed, large content while it is written.
  for (const std::size_t size : {1, 1 << 20}) {
    EXPECT_EQ(message_of([&] { write_file("/dev/full", std::string(size, 'x')); }),
              "cannot write /dev/full: no space left on device");
  }
}

TEST_F(Files, AWriteThatFailsLeavesNoFile) {
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit before;
  getrlimit(RLIMIT_FSIZE, &before);
  const rlimit limit{.rlim_cur = 100, .rlim_max = before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &limit);
  const std::string message =
      message_of([&] { write_file(folder_ / "a", std::string(1000, 'x')); });
  setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_EQ(message, "cannot write " + (folder_ / "a").string() + ": file too large");
  EXPECT_TRUE(names().empty());
}

TEST_F(Files, TemporariesOfAKilledProgramAreRemovedAndNothingElse) {
  for (const char* name : {"a.csv.tmp12", "a.csv.tmp", "a.csv.tmpx1", "a.tmp3.csv"}) {
    write_file(folder_ / name, "x");
  }
  remove_temporaries(folder_);
  std::vector<std::string> left = names();
  std::sort(left.begin(), left.end());
  EXPECT_EQ(left, (std::vector<std::string>{"a.csv.tmp", "a.csv.tmpx1", "a.tmp3.csv"}));
}

TEST_F(Files, ADeviceIsWrittenToAndNotReplaced) {
  write_file("/dev/null", "x");
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
}

TEST_F(Files, ALinkStaysALink) {
  write_file(folder_ / "a", "old");
  fs::create_symlink(folder_ / "a", folder_ / "link");
  write_file(folder_ / "link", "new");
  EXPECT_TRUE(fs::is_symlink(folder_ / "link"));
  EXPECT_EQ(read_file(folder_ / "a"), "new");
}

}  // namespace
}  // namespace stroma
