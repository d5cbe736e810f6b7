// SIGINT and SIGTERM to a run.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>

#include "tests/tools/small_run.h"

namespace stroma {
namespace {

class StopSignal : public SmallRun {};

TEST_F(StopSignal, ASignalStopsAfterTheBatchAndKeepsEverything) {
  for (const int signal : {SIGINT, SIGTERM}) {
    const std::string name = "run" + std::to_string(signal);
    Process process(train(name, {"--epochs", "1000000"}));
    ASSERT_TRUE(process.wait_for("epoch       2/")) << process.wait().err;
    process.send(signal);
    const Result result = process.wait();
    EXPECT_EQ(result.status, 128 + signal) << result.err;
    EXPECT_NE(result.err.find("--epochs 1000000 --resume\n"), std::string::npos) << result.err;
    EXPECT_TRUE(std::filesystem::exists(folder_.path() / name / "model.safetensors"));
    expect_resumes_as_if_never_stopped(name);
  }
}

// While oneDNN multiplies, the stack pointer of its thread may point at the heap: a handler that
// runs there destroys it.
TEST_F(StopSignal, NoSignalIsHandledOnAThreadThatComputes) {
  Process process(train("run", {"--epochs", "1000000"}));
  ASSERT_TRUE(process.wait_for("epoch ")) << process.wait().err;
  std::istringstream status(read_file(fmt::format("/proc/{}/status", process.id())));
  uint64_t caught = ~uint64_t{0};
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("SigCgt:")) caught = std::stoull(line.substr(7), nullptr, 16);
  }
  for (const int signal : {SIGINT, SIGTERM}) EXPECT_EQ(caught >> (signal - 1) & 1, 0u) << signal;
}

/// The terminal that a program may take for its own.
class Terminal {
 public:
  Terminal() : fd_(posix_openpt(O_RDWR | O_NOCTTY)) {
    grantpt(fd_);
    unlockpt(fd_);
  }
  ~Terminal() { close(fd_); }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  /// "" where this machine has none: a container without /dev/pts.
  std::string path() const {
    const char* const name = fd_ < 0 ? nullptr : ptsname(fd_);
    return name ? name : "";
  }

  /// Reads until `text` has come, which is waited for.
  std::string read_until(const std::string& text) const {
    std::string all;
    for (char c = 0; all.find(text) == std::string::npos && read(fd_, &c, 1) == 1;) all += c;
    return all;
  }

 private:
  int fd_;
};

TEST_F(StopSignal, OtherCommandsShowWhatTheyDoAndLeaveNothingBehind) {
  const std::string pipe = path("pipe");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const int writer = open(pipe.c_str(), O_RDWR | O_CLOEXEC);  // so that no reader meets its end
  for (const int signal : {SIGINT, SIGTERM}) {
    const Terminal terminal;
    if (terminal.path().empty()) GTEST_SKIP() << "there is no /dev/pts here";
    Process process({"kmers", "count", "-", "--k", "3", "-o", path("out.tsv")},
                    {.err_path = terminal.path(), .in_path = pipe});
    EXPECT_NE(terminal.read_until("Reading  2 s").find('\r'), std::string::npos);
    process.send(signal);
    EXPECT_EQ(process.wait().status, 128 + signal);
  }
  close(writer);
  for (const auto& file : std::filesystem::directory_iterator(folder_.path())) {
    EXPECT_EQ(file.path().string().find("out.tsv"), std::string::npos) << file.path();
  }
}

TEST_F(StopSignal, ASecondSignalEndsItAtOnce) {
  std::string wide = small_spec;  // a batch takes seconds, so that both signals come during one
  wide.replace(wide.find("hidden_size = 6"), 15, "hidden_size = 1024");
  spec_ = folder_.write("wide.toml", wide).string();
  Process process(train("run", {"--batch-size", "1000"}));
  ASSERT_TRUE(process.wait_for("Label ceiling")) << process.wait().err;
  process.send(SIGINT);
  process.send(SIGTERM);
  const Result result = process.wait();
  EXPECT_EQ(result.status, 128 + SIGTERM);
  EXPECT_EQ(result.err.find("--resume"), std::string::npos) << result.err;
}

}  // namespace
}  // namespace stroma
