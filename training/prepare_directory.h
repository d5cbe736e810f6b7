// What a run finds where it is to be, before it writes anything.
#pragma once

#include <filesystem>

#include "training/run_config.h"
#include "training/run_watcher.h"

namespace stroma {

/// What to do with a run that the directory holds already.
enum class ExistingRun { refuse, replace, resume };

/// Makes the directory ready for a run, with its config.json; returns whether there is a state to
/// go on from. Throws Error, and changes nothing, where it holds what `existing` does not allow.
bool prepare_directory(const RunConfig& config, const std::filesystem::path& directory,
                       ExistingRun existing, const RunWatcher& watcher);

}  // namespace stroma
