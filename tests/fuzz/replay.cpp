// Drives a fuzz target without libFuzzer: every file of a corpus folder, then some thousand
// mutations of them, the same ones each time. A run that dies leaves its input in a file.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#endif

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

constexpr int mutations = 4000;
constexpr size_t longest_mutated = 1 << 14;  // bytes; longer seeds are cut, to keep this quick

std::string input;         // of the run in progress
std::string finding_path;  // where it goes if the run dies

// Only calls that are allowed in a signal handler.
void keep_input() {
  const int file = open(finding_path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  const char note[] = "\nThe input that does this is in ";
  if (file < 0 || write(file, input.data(), input.size()) < 0) return;
  if (write(STDERR_FILENO, note, sizeof(note) - 1) < 0) return;
  if (write(STDERR_FILENO, finding_path.data(), finding_path.size()) < 0) return;
  if (write(STDERR_FILENO, "\n", 1) < 0) return;
}

void on_signal(int number) {
  keep_input();
  std::signal(number, SIG_DFL);
  std::raise(number);
}

void run(std::string next) {
  input = std::move(next);
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()), input.size());
}

std::vector<std::string> read_corpus(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> seeds;
  for (const auto& path : paths) {
    std::ifstream file(path, std::ios::binary);
    seeds.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return seeds;
}

class Mutator {
 public:
  explicit Mutator(const std::vector<std::string>& seeds) : seeds_(seeds) {}

  /// A seed after one to four changes.
  std::string next() {
    std::string text = pick().substr(0, longest_mutated);
    for (size_t changes = 1 + below(4); changes > 0; --changes) change(text);
    return text;
  }

 private:
  size_t below(size_t limit) { return limit == 0 ? 0 : random_() % limit; }
  const std::string& pick() { return seeds_[below(seeds_.size())]; }

  void change(std::string& text) {
    const size_t at = below(text.size());
    const size_t length = 1 + below(std::min<size_t>(64, text.size() + 1));
    switch (below(6)) {
      case 0:  // flip a bit
        if (!text.empty()) text[at] = static_cast<char>(text[at] ^ (1 << below(8)));
        break;
      case 1:  // any byte
        if (!text.empty()) text[at] = static_cast<char>(below(256));
        break;
      case 2:  // truncate
        text.resize(at);
        break;
      case 3:  // drop some bytes
        text.erase(at, length);
        break;
      case 4:  // say some bytes twice
        text.insert(at, text.substr(at, length));
        break;
      case 5: {  // splice: go on as another seed does
        const std::string& other = pick();
        text.resize(at);
        text.append(other, std::min(at, other.size()), longest_mutated);
        break;
      }
    }
  }

  const std::vector<std::string>& seeds_;
  std::mt19937_64 random_{1};
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 || !std::filesystem::is_directory(argv[1])) {
    std::cerr << "usage: " << argv[0] << " CORPUS_FOLDER\n";
    return 2;
  }
  finding_path = std::string(argv[0]) + ".finding";
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_set_death_callback(keep_input);
#else
  for (const int number : {SIGSEGV, SIGBUS, SIGFPE, SIGILL}) std::signal(number, on_signal);
#endif
  std::signal(SIGABRT, on_signal);  // an exception that nobody catches

  const std::vector<std::string> seeds = read_corpus(argv[1]);
  if (seeds.empty()) {
    std::cerr << argv[1] << " holds no seeds\n";
    return 1;
  }
  for (const std::string& seed : seeds) run(seed);
  Mutator mutator(seeds);
  for (int i = 0; i < mutations; ++i) run(mutator.next());
  std::cout << seeds.size() << " seeds and " << mutations << " mutations\n";
}
