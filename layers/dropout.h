// Dropout, in training only.
#pragma once

#include "engine/random.h"
#include "layers/layer.h"

namespace stroma {

/// x · keep / (1 − probability), with the mask of this stream at the clock's step; the backward
/// pass must run before the step advances. Throws Error unless 0 ≤ probability < 1.
Variable dropout(const Variable& input, float probability, const TrainingClock& clock,
                 uint32_t stream);

class Dropout : public Layer {
 public:
  /// `stream`: RandomStream::dropout + the number of this layer in its model.
  Dropout(float probability, const TrainingClock& clock, uint32_t stream)
      : probability_(probability), clock_(clock), stream_(stream) {}
  Signal apply(std::span<const Signal> inputs) override {
    const auto& [x, lengths, letters] = inputs[0];
    return {training() ? dropout(x, probability_, clock_, stream_) : x, lengths};
  }

 private:
  float probability_;
  TrainingClock clock_;
  uint32_t stream_;
};

}  // namespace stroma
