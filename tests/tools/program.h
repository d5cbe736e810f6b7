// Runs the program as a user does, and keeps its exit status and what it printed.
#pragma once

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "engine/files.h"
#include "tests/datasets/files.h"

namespace stroma {

struct Result {
  int status = -1;  // the exit status, or 128 + the signal that ended the program
  std::string out, err;
};

/// What a program is started with apart from its arguments.
struct Surroundings {
  std::string out_path = {};          // where standard output goes; "": it is kept
  std::string err_path = {};          // the same of standard error
  bool out_closed = false;            // no standard output at all
  std::string in_path = "/dev/null";  // what standard input is
  rlim_t largest_file = 0;            // bytes; a longer file fails as on a full disk; 0: no limit
};

/// A program that runs. It is killed where a test ends before it does.
class Process {
 public:
  explicit Process(const std::vector<std::string>& arguments, const Surroundings& around = {}) {
    const std::string out_path =
        around.out_path.empty() ? (folder_.path() / "out").string() : around.out_path;
    // The program lies beside its test.
    std::vector<std::string> words = {
        std::filesystem::read_symlink("/proc/self/exe").replace_filename("stroma")};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);

    const int flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY;
    const int out = open(out_path.c_str(), flags, 0600);
    const std::string err_path =
        around.err_path.empty() ? (folder_.path() / "err").string() : around.err_path;
    const int err = open(err_path.c_str(), flags, 0600);
    const int in = open(around.in_path.c_str(), O_RDONLY | O_CLOEXEC);
    pid_ = fork();
    if (pid_ == 0) {
      dup2(in, STDIN_FILENO);
      dup2(out, STDOUT_FILENO);
      dup2(err, STDERR_FILENO);
      if (around.out_closed) close(STDOUT_FILENO);
      if (around.largest_file > 0) {
        const rlimit limit{around.largest_file, around.largest_file};
        setrlimit(RLIMIT_FSIZE, &limit);
        std::signal(SIGXFSZ, SIG_IGN);
      }
      execv(argv[0], argv.data());
      _exit(127);
    }
    close(in);
    close(out);
    close(err);
  }
  ~Process() {
    if (pid_ > 0) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
    }
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t id() const { return pid_; }

  /// Nothing where it has ended: kill(-1) would go to every process there is.
  void send(int signal) const {
    if (pid_ > 0) kill(pid_, signal);
  }

  /// Standard error, but for what a CUDA build says first where it finds no GPU.
  std::string err() const {
    const std::filesystem::path path = folder_.path() / "err";
    std::string text = std::filesystem::exists(path) ? read_file(path) : "";
    if (text.starts_with("Computing on the CPU: no GPU ")) text.erase(0, text.find('\n') + 1);
    return text;
  }

  /// Waits until standard error holds `text`; false if the program ends without.
  bool wait_for(const std::string& text) {
    while (err().find(text) == std::string::npos) {
      int status = 0;
      if (waitpid(pid_, &status, WNOHANG) == pid_) {
        keep(status);
        return err().find(text) != std::string::npos;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return true;
  }

  Result wait() {
    if (pid_ > 0) {
      int status = 0;
      waitpid(pid_, &status, 0);
      keep(status);
    }
    const std::filesystem::path out = folder_.path() / "out";
    return {status_, std::filesystem::exists(out) ? read_file(out) : "", err()};
  }

 private:
  void keep(int status) {
    pid_ = -1;
    status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

  TemporaryFolder folder_;
  pid_t pid_ = -1;
  int status_ = -1;
};

inline Result run(const std::vector<std::string>& arguments, const Surroundings& around = {}) {
  return Process(arguments, around).wait();
}

/// That the program failed with `status` and one sentence, of which `parts` are parts.
inline void expect_failure(const Result& result, int status,
                           const std::vector<std::string>& parts) {
  EXPECT_EQ(result.status, status) << result.err;
  EXPECT_EQ(result.out, "");
  EXPECT_TRUE(result.err.starts_with("stroma: ")) << result.err;
  EXPECT_EQ(result.err.find('\n'), result.err.size() - 1) << "more than a line: " << result.err;
  for (const std::string& part : parts) {
    EXPECT_NE(result.err.find(part), std::string::npos) << part << " is not in: " << result.err;
  }
}

}  // namespace stroma
