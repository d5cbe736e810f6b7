#include "tools/stop_signal.h"

#include <unistd.h>

#include <atomic>
#include <csignal>
#include <thread>

#include "tools/output.h"

namespace stroma {
namespace {

std::atomic<int> signal_that_came = 0;

std::mutex& writing() {
  static std::mutex mutex;
  return mutex;
}

/// Runs `at_signal` on a thread of its own when the first of `signals` comes; the next one ends the
/// program.
void wait_apart(const sigset_t& signals, void (*at_signal)(int)) {
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // also in every thread that starts later
  std::thread([signals, at_signal] {
    int signal = 0;
    sigwait(&signals, &signal);
    pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
    at_signal(signal);
    while (true) pause();
  }).detach();
}

}  // namespace

// A thread of its own waits for the signals, and no handler is installed: oneDNN's matrix product
// (before 3.11.2, https://github.com/uxlfoundation/oneDNN/issues/4845) points the stack pointer at
// the heap while it computes, and a handler that runs on such a thread destroys the heap.
void catch_stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM}) {
    sigaddset(&signals, signal);
    std::signal(signal, SIG_DFL);  // a shell script's background jobs ignore SIGINT
  }
  wait_apart(signals, [](int signal) { signal_that_came = signal; });
}

int stop_signal() { return signal_that_came; }

void end_on_stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM}) {
    struct sigaction now = {};
    sigaction(signal, nullptr, &now);
    if (now.sa_handler != SIG_IGN) sigaddset(&signals, signal);
  }
  wait_apart(signals, [](int signal) {
    const WriteInProgress none_other;
    if (isatty(STDERR_FILENO) != 0) print_message("\r\x1b[K");  // a live line
    _exit(128 + signal);
  });
}

WriteInProgress::WriteInProgress() : lock_(writing()) {}

}  // namespace stroma
