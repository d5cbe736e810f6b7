#include "tools/progress.h"

#include <fmt/format.h>
#include <langinfo.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>

#include "tools/output.h"

namespace stroma {
namespace {

bool line_shown = false;  // the terminal has one live line

std::size_t terminal_columns() {
  winsize size = {};
  const bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : 80;
}

std::string bar(double share) {
  constexpr int cells = 16;
  const int full = std::clamp(static_cast<int>(share * cells), 0, cells);
  return fmt::format("[{:#<{}}{:.<{}}]", "", full, "", cells - full);
}

/// " 3/50": as wide for every epoch.
std::string count(int epoch, int epochs) {
  const std::string of = std::to_string(epochs);
  return fmt::format("epoch {:>{}}/{}", epoch, of.size(), of);
}

}  // namespace

ProgressDisplay::ProgressDisplay(bool quiet, int epochs, std::string name)
    : quiet_(quiet), live_(isatty(STDERR_FILENO) != 0), epochs_(epochs), name_(std::move(name)) {}

void ProgressDisplay::update(const Progress& progress) {
  if (quiet_ || !live_) return;
  const Clock::time_point now = Clock::now();
  if (!start_) start_ = {now, progress.examples_done};
  const double seconds = std::chrono::duration<double>(now - start_->time).count();
  const auto examples = static_cast<double>(progress.examples);
  const double share = static_cast<double>(progress.examples_done) / examples;

  std::string line = fmt::format("{}{} {} {:3.0f} %  loss {:.4f}  accuracy {:.4f}", name_,
                                 count(progress.epoch, progress.epochs), bar(share), 100 * share,
                                 progress.loss, progress.accuracy);
  const int64_t examples_done = progress.examples_done - start_->example;
  if (examples_done > 0 && seconds > 0) {
    const double speed = static_cast<double>(examples_done) / seconds;
    const double pace = std::max(seconds_of_an_epoch_, examples / speed);
    const double epochs_left = progress.epochs - progress.epoch + 1 - share;
    line += fmt::format("  {:.0f} examples/s  {} left", speed, duration(epochs_left * pace));
  }
  line.resize(std::min(line.size(), terminal_columns() - 1));
  print_message("\r" + line + "\x1b[K");
  line_shown = true;
}

void ProgressDisplay::end_epoch(const EpochMetrics& metrics) {
  start_ = {Clock::now(), 0};
  seconds_of_an_epoch_ = metrics.seconds;
  if (quiet_) return;
  clear();
  std::string line =
      fmt::format("{}{}  train loss {:.4f} accuracy {:.4f}", name_, count(metrics.epoch, epochs_),
                  metrics.train_loss, metrics.train_accuracy);
  if (metrics.validation_loss) {
    line += fmt::format("  validation loss {:.4f} accuracy {:.4f}", *metrics.validation_loss,
                        metrics.validation_accuracy.value_or(0));
  }
  line += fmt::format("  {:.1f} s", metrics.seconds);
  const int epochs_left = epochs_ - metrics.epoch;
  if (epochs_left > 0) line += fmt::format("  {} left", duration(epochs_left * metrics.seconds));
  print_message(line + "\n");
}

void ProgressDisplay::clear() {
  if (line_shown) print_message("\r\x1b[K");
  line_shown = false;
}

WorkDisplay::WorkDisplay(bool quiet, std::string doing) : doing_(std::move(doing)) {
  if (!quiet) thread_ = std::thread([this] { show_until_stopped(); });
}

WorkDisplay::~WorkDisplay() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  stopping_.notify_one();
  thread_.join();
}

void WorkDisplay::show_until_stopped() {
  using namespace std::chrono_literals;
  const auto start = std::chrono::steady_clock::now();
  const bool live = isatty(STDERR_FILENO) != 0;
  bool shown = false;
  std::unique_lock lock(mutex_);
  auto wait = live ? 2000ms : 30000ms;
  while (!stopping_.wait_for(lock, wait, [this] { return stopped_; })) {
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - start;
    std::string text = line(passed.count());
    if (live) text.resize(std::min(text.size(), terminal_columns() - 1));
    print_message(live ? "\r" + text + "\x1b[K" : text + "\n");
    if (live) wait = 250ms;
    shown = live;
  }
  if (shown) print_message("\r\x1b[K");
}

std::string WorkDisplay::line(double seconds) const {
  const auto done = static_cast<double>(done_), all = static_cast<double>(all_);
  if (done <= 0 || all <= 0) return fmt::format("{}  {}", doing_, duration(seconds));
  return fmt::format("{} {} {:3.0f} %  {} left", doing_, bar(done / all), 100 * done / all,
                     duration(seconds * (all - done) / done));
}

std::string sparkline(const std::vector<double>& values) {
  if (std::string_view(nl_langinfo(CODESET)) != "UTF-8") return "";
  constexpr const char* blocks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  const std::size_t cells = std::min<std::size_t>(values.size(), 60);
  std::string line;
  for (std::size_t i = 0; i < cells; ++i) {
    const double value = values[cells == 1 ? 0 : i * (values.size() - 1) / (cells - 1)];
    line += blocks[std::clamp(static_cast<int>(value * 8), 0, 7)];
  }
  return line;
}

std::string duration(double seconds) {
  const auto whole = static_cast<int64_t>(std::lround(std::max(0.0, seconds)));
  if (whole < 60) return fmt::format("{} s", whole);
  const int64_t hours = whole / 3600, minutes = whole / 60 % 60;
  return hours > 0 ? fmt::format("{}:{:02}:{:02}", hours, minutes, whole % 60)
                   : fmt::format("{}:{:02}", minutes, whole % 60);
}

}  // namespace stroma
