#include "training/trials.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <exception>
#include <iterator>
#include <limits>
#include <mutex>
#include <numeric>
#include <ostream>
#include <string>
#include <thread>

#include "engine/files.h"
#include "kernels/error.h"

namespace stroma {
namespace {

/// `watcher`, called one at a time, and asked to stop as soon as `stop` is set.
RunWatcher one_at_a_time(const RunWatcher& watcher, std::mutex& mutex,
                         const std::atomic<bool>& stop) {
  const auto guarded = [&mutex](const auto& function) {
    return [&mutex, function](const auto& value) {
      const std::lock_guard lock(mutex);
      function(value);
    };
  };
  return {.note = guarded(watcher.note),
          .progress = guarded(watcher.progress),
          .epoch_done = guarded(watcher.epoch_done),
          .stop_requested = [&stop, asked = watcher.stop_requested] { return stop || asked(); }};
}

std::string number_or_nothing(double value) {
  return std::isnan(value) ? "" : fmt::format("{}", value);
}

}  // namespace

std::vector<RunResult> train_trials(const RunConfig& config, const RunData& data, int trials,
                                    const std::filesystem::path& directory, ExistingRun existing,
                                    const std::function<RunWatcher(int trial)>& watcher_of) {
  if (std::filesystem::exists(directory / "config.json")) {
    throw Error(directory.string() + " is the run of one model; name another directory with --out");
  }
  make_directory(directory);
  const RunLock held(directory);
  if (existing == ExistingRun::replace) {  // those of more trials than now, too
    std::filesystem::remove(directory / "trials.csv");
    for (int trial = trials;; ++trial) {
      const auto old = directory / ("trial-" + std::to_string(trial + 1));
      if (!std::filesystem::exists(old / "config.json")) break;
      std::filesystem::remove_all(old);
    }
  }
  std::vector<RunResult> results(trials, {Trainer::Outcome::interrupted, {}});
  std::mutex mutex;
  std::atomic<bool> stop = false;
  std::exception_ptr failure;
  const auto train = [&](int trial) {
    RunConfig mine = config;
    mine.seed += static_cast<uint64_t>(trial);
    try {
      const RunWatcher watcher = one_at_a_time(watcher_of(trial), mutex, stop);
      const auto name = "trial-" + std::to_string(trial + 1);
      results[trial] = train_run(mine, data, directory / name, existing, watcher);
    } catch (...) {
      const std::lock_guard lock(mutex);
      if (!failure) failure = std::current_exception();
      stop = true;
    }
  };
  std::atomic<int> next = 0;
  const auto train_next = [&] {
    for (int trial; !stop && (trial = next++) < trials;) {
      train(trial);
      if (results[trial].outcome == Trainer::Outcome::interrupted) stop = true;
    }
  };

  if (device_named(config.device).kind == Device::Kind::cpu) {
    train_next();
  } else {
    std::vector<std::jthread> threads;
    for (int i = 0; i < std::min(trials, trials_at_once); ++i) threads.emplace_back(train_next);
  }
  if (failure) std::rethrow_exception(failure);
  return results;
}

Estimate estimate_of(const std::vector<double>& values) {
  std::vector<double> defined;
  std::copy_if(values.begin(), values.end(), std::back_inserter(defined),
               [](double value) { return !std::isnan(value); });
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  if (defined.empty()) return {none, none};
  const auto n = static_cast<double>(defined.size());
  const double mean = std::accumulate(defined.begin(), defined.end(), 0.0) / n;
  double squares = 0;
  for (const double value : defined) squares += (value - mean) * (value - mean);
  return {mean, n < 2 ? none : std::sqrt(squares / (n - 1) / n)};
}

void write_trials(const std::filesystem::path& path, uint64_t first_seed,
                  const std::vector<RunResult>& results) {
  write_file(path, [&](std::ostream& out) {
    out << "trial,seed,epochs_run,test_loss,test_accuracy,test_macro_auc_pr,test_macro_f1,"
           "memory_baseline\n";
    for (std::size_t i = 0; i < results.size(); ++i) {
      const RunSummary& summary = results[i].summary;
      out << fmt::format("{},{},{},", i + 1, first_seed + i, summary.epochs_run);
      if (summary.test) {
        const ClassificationMetrics& test = summary.test->classification;
        const auto& memory = summary.memory;
        out << fmt::format("{},{},{},{},{}\n", summary.test->loss, test.accuracy,
                           number_or_nothing(test.macro_auc_pr), test.macro.f1,
                           memory ? fmt::format("{}", memory->accuracy()) : "");
      } else {
        out << ",,,,\n";
      }
    }
  });
}

}  // namespace stroma
