// From a sequence to one vector an example.
#pragma once

#include "layers/layer.h"

namespace stroma {

/// [length, batch, channels] to [batch, channels · length], in the order of torch.flatten of
/// [batch, channels, length]: element (n, c · length + t) is x[t, n, c].
Variable flatten(const Variable& input);

/// The last position of [length, batch, channels]: a view [batch, channels].
Variable select_last(const Variable& input);

class Flatten : public Layer {
 public:
  Signal apply(std::span<const Signal> inputs) override { return {flatten(inputs[0].x)}; }
};

}  // namespace stroma
