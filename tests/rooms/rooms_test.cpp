// The layout of the repository: who may include whom, and one name for one thing in every room.
// docs/architecture.md has the table of rooms.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/folder.h"

namespace {

namespace fs = std::filesystem;

const fs::path root = stroma::test::folder().parent_path();

/// The rooms below each room, itself included.
const std::map<std::string, std::set<std::string>> may_include = {
    {"kernels", {"kernels"}},
    {"engine", {"engine", "kernels"}},
    {"datasets", {"datasets", "engine", "kernels"}},
    {"augment", {"augment", "datasets", "engine", "kernels"}},
    {"layers", {"layers", "engine", "kernels"}},
    {"training", {"training", "layers", "augment", "datasets", "engine", "kernels"}},
    {"analysis", {"analysis", "training", "layers", "augment", "datasets", "engine", "kernels"}},
    {"tools",
     {"tools", "analysis", "training", "layers", "augment", "datasets", "engine", "kernels"}},
};

std::vector<fs::path> files_under(const fs::path& folder, const std::set<std::string>& extensions) {
  std::vector<fs::path> files;
  if (!fs::exists(root / folder)) return files;
  for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
    if (extensions.contains(entry.path().extension().string())) {
      files.push_back(fs::relative(entry.path(), root));
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string text_of(const fs::path& file) {
  std::ifstream stream(root / file);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

struct Include {
  fs::path by;
  int line;
  fs::path of;

  std::string where() const { return by.string() + ":" + std::to_string(line); }
};

/// The includes of our own headers: those in quotes.
std::vector<Include> includes_of(const fs::path& file) {
  static const std::regex pattern("^\\s*#\\s*include\\s*\"([^\"]+)\".*");
  std::vector<Include> includes;
  std::istringstream lines(text_of(file));
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    std::smatch match;
    if (std::regex_match(line, match, pattern)) includes.push_back({file, number, match[1].str()});
  }
  return includes;
}

const std::set<std::string> sources = {".h", ".cpp", ".cu", ".cuh"};

bool starts_with(const fs::path& path, const std::string& folder) {
  return path.generic_string().starts_with(folder + "/");
}

TEST(Rooms, IncludeOnlyRoomsBelowThem) {
  for (const auto& [room, below] : may_include) {
    for (const fs::path& file : files_under(room, sources)) {
      for (const Include& include : includes_of(file)) {
        EXPECT_TRUE(below.contains(include.of.begin()->string()))
            << include.where() << ": " << room << "/ may not include " << include.of;
      }
    }
  }
}

TEST(Rooms, NameEveryHeaderFromTheRoot) {
  for (const auto& [room, below] : may_include) {
    for (const fs::path& file : files_under(room, sources)) {
      for (const Include& include : includes_of(file)) {
        if (include.of.extension() == ".inc") continue;  // the build makes these
        EXPECT_TRUE(fs::exists(root / include.of))
            << include.where() << ": there is no " << include.of << " under the root";
      }
    }
  }
}

/// What cpu/ and cuda/ hold is theirs: everybody else goes through the operation's header.
TEST(Kernels, AreReachedThroughTheirHeaders) {
  for (const auto& [room, below] : may_include) {
    for (const fs::path& file : files_under(room, sources)) {
      for (const Include& include : includes_of(file)) {
        for (const std::string device : {"kernels/cpu", "kernels/cuda"}) {
          if (!starts_with(include.of, device)) continue;
          EXPECT_TRUE(starts_with(file, device))
              << include.where() << ": only " << device << "/ may include " << include.of;
        }
      }
    }
  }
}

/// Whether `file` implements a header of its name; "recurrent_persistent" may implement
/// "recurrent".
bool implements_a_header(const fs::path& file) {
  std::string name = file.stem().string();
  while (true) {
    for (const fs::path& folder : {fs::path("kernels"), file.parent_path()}) {
      if (fs::exists(root / folder / (name + ".h"))) return true;
    }
    const size_t underscore = name.rfind('_');
    if (underscore == std::string::npos) return false;
    name.resize(underscore);
  }
}

TEST(Kernels, ImplementTheHeaderOfTheirName) {
  for (const std::string folder : {"kernels/cpu", "kernels/cuda"}) {
    for (const fs::path& file : files_under(folder, {".cpp", ".cu"})) {
      EXPECT_TRUE(implements_a_header(file))
          << file << " implements no header of its name in kernels/ or " << folder;
    }
  }
}

/// An operation is a header in kernels/ that declares functions for the CPU.
TEST(Kernels, RunOnTheCpuAndHaveATest) {
  for (const fs::path& header : files_under("kernels", {".h"})) {
    if (header.parent_path() != "kernels") continue;
    if (text_of(header).find("(const Cpu&") == std::string::npos) continue;
    const std::string name = header.stem().string();
    for (const std::string& file :
         {"kernels/cpu/" + name + ".cpp", "tests/kernels/" + name + "_test.cpp"}) {
      EXPECT_TRUE(fs::exists(root / file)) << header << " asks for " << file;
    }
  }
}

/// A file of the room, or of one below it that only this room's can try, or one side of it:
/// recurrent_lengths_test.cpp tests recurrent.cpp.
TEST(Tests, AreNamedForWhatTheyTest) {
  for (const auto& [room, below] : may_include) {
    if (room == "tools") continue;  // whose tests run the program and go by what a user does
    for (const fs::path& file : files_under("tests/" + room, {".cpp"})) {
      std::string name = file.stem().string();
      if (!name.ends_with("_test")) continue;
      name.resize(name.size() - std::string("_test").size());
      const auto is_in = [&](const std::string& where) {
        const auto files = files_under(where, sources);
        return std::any_of(files.begin(), files.end(), [&](const fs::path& source) {
          const std::string stem = source.stem().string();
          return name == stem || name.starts_with(stem + "_");
        });
      };
      EXPECT_TRUE(std::any_of(below.begin(), below.end(), is_in))
          << file << " tests no file " << name << " of " << room << "/ or of a room below";
    }
  }
}

/// Past 300 lines a file wants a second one beside it (CONTRIBUTING.md); 400 is where that is law.
TEST(Files, HaveAtMost400Lines) {
  const std::set<std::string> written = {".h",  ".cpp", ".cu",  ".cuh",
                                         ".py", ".sh",  ".def", ".cmake"};
  std::vector<fs::path> files;
  for (const char* folder : {"tests", "bench", "scripts", "cmake"}) {
    for (const fs::path& file : files_under(folder, written)) files.push_back(file);
  }
  for (const auto& [room, below] : may_include) {
    for (const fs::path& file : files_under(room, written)) files.push_back(file);
  }
  ASSERT_GT(files.size(), 100u);
  for (const fs::path& file : files) {
    const std::string text = text_of(file);
    EXPECT_LE(std::count(text.begin(), text.end(), '\n'), 400) << file;
  }
}

}  // namespace
