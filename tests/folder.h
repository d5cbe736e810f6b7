// Where the files lie that tests read.
#pragma once

#include <cstdlib>
#include <filesystem>

namespace stroma::test {

/// tests/ of the sources, or what the environment variable STROMA_TEST_FOLDER names: tests also run
/// on machines that have no sources (scripts/gpu_bundle.sh).
inline std::filesystem::path folder() {
  const char* named = std::getenv("STROMA_TEST_FOLDER");
  return named ? named : STROMA_TEST_FOLDER;
}

}  // namespace stroma::test
