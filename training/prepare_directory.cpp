#include "training/prepare_directory.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/files.h"
#include "kernels/error.h"
#include "training/run_directory.h"

namespace stroma {
namespace {

namespace fs = std::filesystem;

/// Whether the directory holds what a run has learned. One that has only its config.json has
/// nothing to lose.
bool holds_run(const fs::path& directory) {
  return fs::exists(directory / "config.json") && has_learned(directory);
}

/// Whether there is anything but what a run leaves that was killed before its config.json.
bool holds_files(const fs::path& directory) {
  const fs::directory_iterator entries(directory);
  return !std::all_of(begin(entries), end(entries), [](const fs::directory_entry& entry) {
    return is_temporary(entry.path()) || is_lock(entry.path());
  });
}

}  // namespace

void make_directory(const fs::path& directory) {
  if (fs::exists(directory) && !fs::is_directory(directory)) {
    throw Error(directory.string() + " is a file; name a directory with --out");
  }
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) {
    throw Error("cannot make the directory " + directory.string() + ": " + error.message() +
                "; name another with --out");
  }
}

PreparedDirectory prepare_directory(const RunConfig& config, const fs::path& directory,
                                    ExistingRun existing, const RunWatcher& watcher) {
  make_directory(directory);
  PreparedDirectory prepared{RunLock(directory), false};
  const fs::path config_path = directory / "config.json";
  const bool is_run = holds_run(directory);
  if (existing == ExistingRun::refuse && is_run) {
    throw Error(directory.string() +
                " holds a run already; --resume continues it, --force replaces it");
  }
  if (holds_trials(directory)) {
    throw Error(directory.string() +
                " holds several trials; add --trials, or name another directory with --out");
  }
  if (!fs::exists(config_path) && holds_files(directory)) {
    throw Error(directory.string() +
                " holds other files and no run; name a new or an empty directory with --out");
  }
  if (existing == ExistingRun::resume && is_run) {
    if (!fs::exists(directory / "state.safetensors")) {
      throw Error(directory.string() +
                  " has lost its state.safetensors, without which it cannot go on; start anew with "
                  "--force, or name another directory with --out");
    }
    const RunConfig saved = read_config(config_path);
    const std::string other = difference(saved, config);
    if (!other.empty()) {
      throw Error(directory.string() + " is another run than asked for: " + other +
                  "; resume with what it has, or start anew with --force");
    }
    if (saved.device != config.device) {
      watcher.note(
          fmt::format("The run used {} and goes on with {}: the last digits may differ from a run "
                      "never interrupted.",
                      saved.device, config.device));
    }
  } else {
    if (existing == ExistingRun::resume) {
      watcher.note(directory.string() + (fs::exists(config_path)
                                             ? " holds a run that ended in its first epoch and "
                                               "kept no state: it starts anew."
                                             : " holds no run to resume: a new one starts."));
    }
    for (const char* name : run_results) fs::remove(directory / name);
  }
  remove_temporaries(directory);
  prepared.has_state = fs::exists(directory / "state.safetensors");
  return prepared;
}

}  // namespace stroma
