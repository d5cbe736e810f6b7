// Long short-term memory (Hochreiter & Schmidhuber 1997), several layers, one or both directions,
// with PyTorch's parameter names and gate order (i, f, g, o).
#pragma once

#include <cstdint>
#include <vector>

#include "engine/random.h"
#include "layers/init.h"
#include "layers/layer.h"

namespace stroma {

/// The parameters of one direction of one layer.
struct LstmWeights {
  Variable weight_ih;  // [4 · hidden, input]
  Variable weight_hh;  // [4 · hidden, hidden]
  Variable bias_ih;    // [4 · hidden]
  Variable bias_hh;    // [4 · hidden]
};

/// One layer over input [length, batch, input]. `directions` holds the forward direction and, if
/// there are two, the reverse one.
/// Result: [length, batch, directions · hidden]; with `last_only` the last position of that,
/// [batch, directions · hidden], for which the reverse direction takes one step and no more.
///
/// With `lengths` [batch] int32 sequence n ends before position lengths[n]: the result is that of
/// each sequence alone, as of PyTorch's packed sequences, and zeros beyond. The reverse direction
/// begins at a sequence's own last position, which is also what `last_only` reads.
Variable lstm_layer(const Variable& input, const std::vector<LstmWeights>& directions,
                    bool last_only, const Tensor& lengths = {});

struct LstmOptions {
  int64_t hidden_size = 0;
  int64_t num_layers = 1;
  bool bidirectional = false;
  float dropout = 0;       // between layers, in training
  bool last_only = false;  // read the top layer at the last position alone
};

class Lstm : public Layer {
 public:
  /// Initial weights uniform in ±1/√hidden; dropout between layers i and i + 1 draws from stream
  /// `dropout_stream` + i.
  Lstm(int64_t input_size, const LstmOptions& options, InitialWeights& init,
       const TrainingClock& clock, uint32_t dropout_stream);

  /// [length, batch, input] to [length, batch, directions · hidden], or to [batch, directions ·
  /// hidden] with `last_only`.
  Signal apply(std::span<const Signal> inputs) override;

 private:
  LstmOptions options_;
  TrainingClock clock_;
  uint32_t dropout_stream_;
  std::vector<std::vector<LstmWeights>> layers_;  // [layer][direction]
};

}  // namespace stroma
