// One process at a time in a run directory.
#pragma once

#include <filesystem>
#include <string>

namespace stroma {

/// While it lives, no other process gets one for the same directory. It is a lock on the file
/// `.lock` there, which the system releases when the process dies, however it dies. On a file
/// system without locks it keeps nobody out.
class RunLock {
 public:
  /// Throws Error, naming the process, where another one has the directory, which must exist.
  explicit RunLock(const std::filesystem::path& directory);
  ~RunLock();
  RunLock(RunLock&& other) noexcept;
  RunLock& operator=(RunLock&&) = delete;

 private:
  std::filesystem::path file_;
  int descriptor_ = -1;  // −1: not locked
};

/// The process that works in the directory, as "process 12 on host"; "" where none does.
std::string holder_of_lock(const std::filesystem::path& directory);

/// Whether this is the file of a lock, held or left behind by a process that was killed.
bool is_lock(const std::filesystem::path& path);

}  // namespace stroma
