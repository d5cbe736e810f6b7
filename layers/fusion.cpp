#include "layers/fusion.h"

#include <algorithm>

namespace stroma {
namespace {

/// How many layers read each layer.
std::vector<int> readers(const std::vector<LayerSpec>& layers) {
  std::vector<int> count(layers.size());
  for (const LayerSpec& layer : layers) {
    for (const int place : layer.reads) {
      if (place != network_input) ++count[place];
    }
  }
  return count;
}

/// Which layers have their parameters in common with another: one module, which is not joined with
/// what stands beside it in one place.
std::vector<bool> used_twice(const std::vector<LayerSpec>& layers) {
  std::vector<bool> shared(layers.size());
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (layers[i].shares) shared[i] = shared[*layers[i].shares] = true;
  }
  return shared;
}

/// Takes the layers out that `gone` marks, whose readers read what those did.
std::vector<LayerSpec> without(const std::vector<LayerSpec>& layers,
                               const std::vector<bool>& gone) {
  std::vector<LayerSpec> kept;
  std::vector<int> place(layers.size());  // among those kept
  for (std::size_t i = 0; i < layers.size(); ++i) {
    LayerSpec layer = layers[i];
    for (int& read : layer.reads) {
      if (read != network_input) read = place[read];
    }
    if (layer.shares) layer.shares = place[*layer.shares];
    place[i] = gone[i] ? layer.reads[0] : static_cast<int>(kept.size());
    if (!gone[i]) kept.push_back(std::move(layer));
  }
  return kept;
}

}  // namespace

std::vector<LayerSpec> fused(std::vector<LayerSpec> layers) {
  const std::vector<bool> shared = used_twice(layers);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    LayerSpec& layer = layers[i];
    if (layer.type == "conv1d" && layer.reads[0] == network_input && layer.integer("groups") == 1 &&
        !shared[i]) {
      layer.options["letters"] = true;
    }
  }
  const std::vector<int> read_by = readers(layers);
  std::vector<bool> gone(layers.size());
  for (std::size_t i = 0; i < layers.size(); ++i) {
    LayerSpec& layer = layers[i];
    const int before = layer.reads[0];
    if (before == network_input || read_by[before] != 1) continue;
    if (layer.type == "relu" && layers[before].flag("letters")) {
      layers[before].options["relu"] = true;
      gone[i] = true;
    }
    if (layer.type == "max_pool1d" && layers[before].type == "relu" && !gone[before]) {
      layer.options["relu"] = true;
      gone[before] = true;
    }
  }
  return without(layers, gone);
}

}  // namespace stroma
