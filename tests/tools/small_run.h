// Data and a model so small that a test can train: a few thousand weights, tens of milliseconds an
// epoch.
#pragma once

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

class SmallRun : public testing::Test {
 protected:
  /// `stroma train` with the small model on `data`, into the directory `name`.
  std::vector<std::string> train(const std::string& name,
                                 const std::vector<std::string>& more = {}) const {
    std::vector<std::string> arguments = {"train", data_,      "--model",   spec_,
                                          "--out", path(name), "--threads", "1"};
    for (const char* option : {"--max-overlap", "--min-shared"}) {
      arguments.insert(arguments.end(), {option, "8"});
    }
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }

  std::string path(const std::string& name) const { return (folder_.path() / name).string(); }
  std::string content(const std::string& name) const { return read_file(folder_.path() / name); }

  TemporaryFolder folder_;
  std::string data_ = folder_.write("genes.fasta", small_fasta()).string();
  std::string spec_ = folder_.write("small.toml", small_spec).string();
};

}  // namespace stroma
