// For tests that read files: a folder that vanishes with the test, the real data where it is, and
// the message of an error.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "datasets/dataset.h"
#include "kernels/error.h"
#include "tests/folder.h"

namespace stroma {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "stroma-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  /// Writes a file and gives its path.
  std::filesystem::path write(const std::string& name, const std::string& content) const {
    std::ofstream(path_ / name, std::ios::binary) << content;
    return path_ / name;
  }

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// The folder of real data and, beside it, of expected outputs; nothing where they are absent.
inline std::optional<std::filesystem::path> real_data() {
  const char* named = std::getenv("STROMA_DATA");
  const std::filesystem::path folder =
      named ? std::filesystem::path(named) : test::folder() / "../../shared/data";
  if (!std::filesystem::is_directory(folder / "plastomes")) return std::nullopt;
  return folder;
}

/// Each sequence under its whole id as label.
inline LabelledSequences labelled_by_id(std::vector<Sequence> sequences) {
  LabelledSequences labelled{std::move(sequences), {}};
  labelled.labels.resize(labelled.sequences.size());
  std::vector<std::string> notes;
  label_by_id(labelled, "", notes);
  return labelled;
}

/// The message of the stroma::Error that `run` throws; "" where it throws none.
template <class Run>
std::string error_of(Run run) {
  try {
    run();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

}  // namespace stroma
