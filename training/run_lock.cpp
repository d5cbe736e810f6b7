#include "training/run_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <utility>

#include "engine/files.h"
#include "kernels/error.h"

namespace stroma {
namespace {

constexpr const char* name = ".lock";

std::string host_name() {
  std::array<char, 256> host{};
  gethostname(host.data(), host.size() - 1);
  return host.data();
}

/// What the one who holds the lock has written there.
std::string holder_in(const std::filesystem::path& file) {
  const std::string holder = read_file(file);
  return holder.empty() ? "another process" : holder;
}

/// Whether `path` still names the file that was opened: who had the lock before removes its file.
bool is_still(const std::filesystem::path& path, int descriptor) {
  struct stat opened {
  }, named{};
  return fstat(descriptor, &opened) == 0 && stat(path.c_str(), &named) == 0 &&
         opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

}  // namespace

RunLock::RunLock(const std::filesystem::path& directory) : file_(directory / name) {
  for (;;) {
    const int descriptor = open(file_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (descriptor < 0) return;  // what cannot be written here is said when it is to be written
    if (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
      const bool is_held = errno == EWOULDBLOCK;
      close(descriptor);
      if (!is_held) return;  // no locks on this file system
      throw Error(directory.string() + " is in use by " + holder_in(file_) +
                  "; wait until it ends or stop it, or name another directory with --out");
    }
    if (is_still(file_, descriptor)) {
      descriptor_ = descriptor;
      break;
    }
    close(descriptor);
  }
  const std::string holder = "process " + std::to_string(getpid()) + " on " + host_name();
  if (ftruncate(descriptor_, 0) != 0 ||
      write(descriptor_, holder.data(), holder.size()) != std::ssize(holder)) {
    // On a full disk the lock holds all the same; only its holder is not named.
  }
}

RunLock::~RunLock() {
  if (descriptor_ < 0) return;
  unlink(file_.c_str());  // before it is released: whoever gets it then sees that the file is gone
  close(descriptor_);
}

RunLock::RunLock(RunLock&& other) noexcept
    : file_(std::move(other.file_)), descriptor_(std::exchange(other.descriptor_, -1)) {}

std::string holder_of_lock(const std::filesystem::path& directory) {
  const std::filesystem::path file = directory / name;
  const int descriptor = open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return "";
  const bool is_held = flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  close(descriptor);
  return is_held ? holder_in(file) : "";
}

bool is_lock(const std::filesystem::path& path) { return path.filename() == name; }

}  // namespace stroma
