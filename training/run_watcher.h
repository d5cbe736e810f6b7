// Whoever watches a run; `tools/` prints what it is told.
#pragma once

#include <functional>
#include <string>

#include "training/trainer.h"

namespace stroma {

struct RunWatcher {
  std::function<void(const std::string& sentence)> note;
  std::function<void(const Progress&)> progress;
  std::function<void(const EpochMetrics&)> epoch_done;
  std::function<bool()> stop_requested;
};

}  // namespace stroma
