// The types of layers that a spec can name. A type is one function `LayerType NAME() {` in the file
// of its operation, which holds all there is to say about it; the list of them is made when the
// room is built, so that a new type is a new file (docs/layers.md shows one).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "engine/random.h"
#include "layers/init.h"
#include "layers/layer.h"
#include "layers/layer_spec.h"

namespace stroma {

/// What a window that slides along a sequence does to its length.
struct Slide {
  int64_t reach, stride, padding;  // positions; `reach` from the first to the last that it reads
  bool operator==(const Slide&) const = default;
};

/// What flows between two layers, of one example.
struct Flow {
  bool sequence;                   // of `length` positions; else a vector
  int64_t length, channels;        // a vector's length is 0
  std::vector<Slide> slides = {};  // what has changed lengths since the network's input
  bool masked = false;             // positions of padding are told apart from others
  int64_t vocabulary = 0;          // of k-mer tokens, one a position: how many there are; else 0

  int64_t elements() const { return sequence ? length * channels : channels; }
  int64_t bytes() const { return elements() * static_cast<int64_t>(sizeof(float)); }
  /// "a sequence [40, batch, 4]".
  std::string text() const;
};

/// The sequence that a window leaves of another. Throws Error where it does not fit; `what` is the
/// window's name in the message.
Flow slid(const Flow& input, const char* what, const Slide& slide, int64_t channels);

/// Throw Error unless the one input of a layer is of that kind; `instead` says what to do.
void need_sequence(const Flow& input);
void need_vector(const Flow& input);

/// Where a network drops elements, and by which random numbers.
struct DropoutPlace {
  std::string name;  // the layer's, or its number in the spec from 1; after layer k of an LSTM the
                     // name with "_lk"
  uint32_t stream;
  float probability;  // above 0
  Shape shape;        // of one example: [length, channels] of a sequence, or [features]
};

/// What the layers of one network are built with, in the order of the spec.
struct LayerBuild {
  InitialWeights init;
  TrainingClock clock;
  uint32_t next_dropout = static_cast<uint32_t>(RandomStream::dropout);
  std::vector<DropoutPlace> dropouts = {};

  /// Notes that elements of what has this shape are dropped, and gives the stream for it.
  uint32_t drop(const LayerSpec& layer, const std::string& suffix, float probability,
                const Flow& flow);
};

using Flows = std::span<const Flow>;
using FailAtKey = std::function<void(const std::string& key, const std::string& what)>;

/// A parameter as Keras has it (layers/keras_layout.h).
struct KerasWeight {
  std::string name;               // in Keras, behind that of the layer: "/kernel"
  std::vector<std::string> ours;  // the parameter's name here; or those of two biases, of which
                                  // Keras has the sum or, where `stacked`, the rows of one matrix
  bool reversed = false;          // its axes, from last to first
  bool stacked = false;
  std::vector<int> gates = {};  // our place of each of Keras' blocks of rows; empty: the same
  int input_axis = -1;          // the one here that runs over what the layer reads, if there is one
};

struct LayerType {
  std::string name;             // as in `type = "…"`
  std::string help;             // what it does, after its name: "slides kernels along …"
  std::vector<LayerKey> keys;   // of its own
  bool has_parameters = false;  // so that a spec must give it a name
  bool joins = false;           // reads two inputs or more; else one
  bool reads_tokens = false;    // and no numbers
  std::string turns, into;      // for the documents: "sequence", "vector", "anything"
  std::string padding;          // what becomes of that of a masked sequence
  /// What must hold between the keys; null for nothing.
  void (*check)(const LayerSpec& layer, const FailAtKey& fail) = nullptr;
  /// What it makes of its inputs. Throws Error where they do not fit.
  Flow (*flow)(const LayerSpec& layer, Flows inputs);
  std::unique_ptr<Layer> (*build)(const LayerSpec& layer, Flows inputs, LayerBuild& with);
  /// Multiplications, each with an addition, of one example's forward pass; null for none.
  int64_t (*multiply_adds)(const LayerSpec& layer, Flows inputs) = nullptr;
  /// Its parameters in Keras; null where Keras has no such layer.
  std::vector<KerasWeight> (*keras)(const LayerSpec& layer) = nullptr;
};

/// All types, by name.
const std::vector<LayerType>& layer_types();
/// Throws Error for a name that is none.
const LayerType& layer_type(const std::string& name);

}  // namespace stroma
