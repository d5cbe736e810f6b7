// What a person sees of a run while it trains: a live line on a terminal, a line for each epoch,
// and the course of a figure as small bars.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
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

/// "▁▂▅▇█" for values from 0 to 1, 60 bars at most; "" where the locale's letters are not UTF-8.
std::string sparkline(const std::vector<double>& values);

/// "42 s", "3:05", "1:02:09".
std::string duration(double seconds);

}  // namespace stroma
