// SIGINT and SIGTERM as a request to stop at the next good moment.
#pragma once

#include <mutex>

namespace stroma {

/// From here on the first SIGINT or SIGTERM is only noted; the next one ends the program. Call it
/// before any thread is started.
void catch_stop_signals();

/// The signal that came, or 0.
int stop_signal();

/// From here on the first SIGINT or SIGTERM ends the program with status 128 + its number, but lets
/// a file that is being written come to its end: see WriteInProgress. Call it before any thread is
/// started.
void end_on_stop_signals();

/// While one lives, end_on_stop_signals() waits.
class WriteInProgress {
 public:
  WriteInProgress();

 private:
  std::lock_guard<std::mutex> lock_;
};

}  // namespace stroma
