// What a run finds where it is to be, before it writes anything.
#pragma once

#include <filesystem>

#include "training/run_config.h"
#include "training/run_lock.h"
#include "training/run_watcher.h"

namespace stroma {

/// What to do with a run that the directory holds already.
enum class ExistingRun { refuse, replace, resume };

struct PreparedDirectory {
  RunLock lock;
  bool has_state;  // to go on from
};

/// Makes the directory if it is not there, locks it and removes what the run replaces. Throws
/// Error, and changes nothing, where it holds what `existing` does not allow.
PreparedDirectory prepare_directory(const RunConfig& config, const std::filesystem::path& directory,
                                    ExistingRun existing, const RunWatcher& watcher);

/// Throws Error where that cannot be done.
void make_directory(const std::filesystem::path& directory);

}  // namespace stroma
