// Layers of a model that walk along a sequence: several, one reading the other, with dropout
// between.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/random.h"
#include "layers/init.h"
#include "layers/layer.h"
#include "layers/recurrent.h"

namespace stroma {

struct RecurrentOptions {
  Cell cell;
  int64_t hidden_size = 0;
  int64_t num_layers = 1;
  bool bidirectional = false;
  float dropout = 0;                              // between layers, in training
  RecurrentOutput output = RecurrentOutput::all;  // of the top layer

  /// Of each of its layers.
  int64_t channels() const { return hidden_size * (bidirectional ? 2 : 1); }
};

class Recurrent : public Layer {
 public:
  /// PyTorch's initial weights, uniform up to 1/√hidden, or Keras': Glorot uniform, orthogonal from
  /// h to the gates, no bias but the 1 of an LSTM's forget gate. Dropout between layers i and i + 1
  /// draws from stream `dropout_stream` + i.
  Recurrent(int64_t input_size, const RecurrentOptions& options, InitialWeights& init,
            const TrainingClock& clock, uint32_t dropout_stream);

  /// [length, batch, input] to [length, batch, channels], or to [batch, channels] where not all
  /// positions are read.
  Signal apply(std::span<const Signal> inputs) override;

 private:
  RecurrentOptions options_;
  TrainingClock clock_;
  uint32_t dropout_stream_;
  std::vector<std::vector<RecurrentWeights>> layers_;  // [layer][direction]
};

}  // namespace stroma
