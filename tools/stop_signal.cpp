#include "tools/stop_signal.h"

#include <unistd.h>

#include <atomic>
#include <csignal>
#include <thread>

namespace stroma {
namespace {

std::atomic<int> signal_that_came = 0;

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
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // also in every thread that starts later
  std::thread([signals] {
    int signal = 0;
    sigwait(&signals, &signal);
    signal_that_came = signal;
    pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
    while (true) pause();
  }).detach();
}

int stop_signal() { return signal_that_came; }

}  // namespace stroma
