// Data and a model so small that a test can train: a few thousand weights, tens of milliseconds an
// epoch.
#pragma once

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/tools/program.h"

namespace stroma {

inline const char* const small_spec = R"(name = "small"
description = "a convolution and an LSTM over 12 letters"
alphabet = "dna"
length = 12
standardize = true

[training]
epochs = 3
batch_size = 16
learning_rate = 0.01
lr_step = 2
lr_gamma = 0.9

[[layers]]
type = "conv1d"
name = "conv"
out_channels = 8
kernel_size = 3
padding = 1

[[layers]]
type = "relu"

[[layers]]
type = "lstm"
name = "lstm"
hidden_size = 6
bidirectional = true
output = "last"

[[layers]]
type = "dropout"
probability = 0.2

[[layers]]
type = "linear"
name = "fc"
out_features = "classes"
)";

/// Four genes of random bases that do not repeat within 15 letters.
inline std::string small_fasta() {
  std::string text;
  uint64_t state = 3;
  for (const char* name : {"psbA", "rbcL", "atpB", "ndhF"}) {
    text += std::string(">") + name + "\n";
    for (int i = 0; i < 50; ++i) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      text += "ACGT"[state >> 62];
    }
    text += '\n';
  }
  return text;
}

inline int64_t epochs_in(const std::string& metrics_csv) {
  return std::count(metrics_csv.begin(), metrics_csv.end(), '\n') - 1;
}

class SmallRun : public testing::Test {
 protected:
  using Json = nlohmann::json;

  /// `stroma train` with the small model on `data`, into the directory `name`.
  std::vector<std::string> train(const std::string& name,
                                 const std::vector<std::string>& more = {}) const {
    std::vector<std::string> arguments = {"train", data_,      "--model",   spec_,
                                          "--out", path(name), "--threads", "1"};
    const bool windows = std::find(more.begin(), more.end(), "--no-augment") == more.end();
    if (windows) arguments.insert(arguments.end(), {"--max-overlap", "8", "--min-shared", "8"});
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }

  /// That two directories hold the same finished run: the same bytes, but for times.
  void expect_same_run(const std::string& a, const std::string& b) const {
    for (const std::string file : {"/predictions.csv", "/model.safetensors"}) {
      EXPECT_TRUE(content(a + file) == content(b + file)) << file;
    }
    Json metrics_a = Json::parse(content(a + "/metrics.json"));
    Json metrics_b = Json::parse(content(b + "/metrics.json"));
    metrics_a.erase("seconds");
    metrics_b.erase("seconds");
    EXPECT_EQ(metrics_a, metrics_b);
    EXPECT_EQ(epochs_in(content(a + "/metrics.csv")), epochs_in(content(b + "/metrics.csv")));
  }

  /// Trains `name` on for two epochs, and `name`-whole as long at one go; they must be the same.
  void expect_resumes_as_if_never_stopped(const std::string& name) const {
    const bool begun = std::filesystem::exists(folder_.path() / name / "metrics.csv");
    const int64_t done = begun ? epochs_in(content(name + "/metrics.csv")) : 0;
    const std::string epochs = std::to_string(done + 2);
    const Result resumed = run(train(name, {"--epochs", epochs, "--resume"}));
    EXPECT_EQ(resumed.status, 0) << resumed.err;
    EXPECT_EQ(run(train(name + "-whole", {"--epochs", epochs})).status, 0);
    expect_same_run(name, name + "-whole");
    for (const auto& file : std::filesystem::directory_iterator(folder_.path() / name)) {
      EXPECT_EQ(file.path().string().find(".tmp"), std::string::npos) << file.path();
    }
  }

  std::string path(const std::string& name) const { return (folder_.path() / name).string(); }
  std::string content(const std::string& name) const { return read_file(folder_.path() / name); }

  TemporaryFolder folder_;
  std::string data_ = folder_.write("genes.fasta", small_fasta()).string();
  std::string spec_ = folder_.write("small.toml", small_spec).string();
};

}  // namespace stroma
