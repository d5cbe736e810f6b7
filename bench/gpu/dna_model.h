// The sizes of the DNA model (layers/models/cnn-lstm-dna.toml) that the operations are timed at.
#pragma once

#include <cstdint>

namespace stroma::bench::dna_model {

constexpr int64_t letters = 4, length = 40;
constexpr int64_t conv1_channels = 64, conv2_channels = 128, kernel_size = 3;
constexpr int64_t positions = 20;  // after pooling
constexpr int64_t hidden = 128, fc1_features = 100, classes = 100;
constexpr int64_t parameters = 726872;
// 100 regions of 300 letters, and every window of 40 in them.
constexpr int64_t all_letters = 30000, examples = 26100;

}  // namespace stroma::bench::dna_model
