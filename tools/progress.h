// What a person sees of a run while it trains: a live line on a terminal, a line for each epoch,
// and the course of a figure as small bars.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "training/trainer.h"

namespace stroma {

/// Prints to standard error.
class ProgressDisplay {
 public:
  /// `epochs`: how many the run has at most. `name` stands before every line. The live line is
  /// shared by all displays and goes when this one does.
  ProgressDisplay(bool quiet, int epochs, std::string name = "");
  ~ProgressDisplay() { clear(); }

  void update(const Progress& progress);
  void end_epoch(const EpochMetrics& metrics);
  /// Takes the live line away, before other messages.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;
  /// From when and from which example of the epoch speed is measured.
  struct Start {
    Clock::time_point time;
    int64_t example;
  };

  bool quiet_;
  bool live_;  // standard error is a terminal
  int epochs_;
  std::string name_;
  std::optional<Start> start_;      // none before the first report: a resumed epoch begins midway
  double seconds_of_an_epoch_ = 0;  // 0: not known yet
};

/// A live line for work that takes longer than two seconds: what is done, how much of it, and the
/// time that is left. Where standard error is no terminal, a line every half minute.
class WorkDisplay {
 public:
  /// `doing`: "Counting".
  WorkDisplay(bool quiet, std::string doing);
  ~WorkDisplay();
  WorkDisplay(const WorkDisplay&) = delete;
  WorkDisplay& operator=(const WorkDisplay&) = delete;

  /// Any thread may tell; without, only the time that has passed is shown.
  void update(int64_t done, int64_t all) {
    all_ = all;
    done_ = done;
  }

 private:
  void show_until_stopped();
  std::string line(double seconds) const;

  std::string doing_;
  std::atomic<int64_t> done_ = 0, all_ = 0;
  std::mutex mutex_;
  std::condition_variable stopping_;
  bool stopped_ = false;
  std::thread thread_;  // shows the line; none where told to be quiet
};

/// "▁▂▅▇█" for values from 0 to 1, 60 bars at most; "" where the locale's letters are not UTF-8.
std::string sparkline(const std::vector<double>& values);

/// "42 s", "3:05", "1:02:09".
std::string duration(double seconds);

}  // namespace stroma
