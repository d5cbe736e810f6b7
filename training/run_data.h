// What a run reads before it trains, as any number of runs may share it.
#pragma once

#include <map>
#include <string>

#include "training/device_dataset.h"
#include "training/run_config.h"
#include "training/run_watcher.h"

namespace stroma {

/// DATA, read, cut and encoded.
struct RunData {
  Dataset dataset;
  DeviceDataset encoded;                  // on the CPU
  std::map<std::string, Tensor> weights;  // that training begins with; empty: they are drawn
};
/// Reads it, and tells `config` what was found in it.
RunData open_data(RunConfig& config, const RunWatcher& watcher);

}  // namespace stroma
