// A model from its spec: a graph of layers from letters to logits.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/random.h"
#include "layers/layer_type.h"
#include "layers/model_spec.h"
#include "layers/network_input.h"

namespace stroma {

/// What a network of reference does otherwise.
struct NetworkOptions {
  bool fuse = true;  // else every layer of the spec is an operation
  DType dtype = DType::float32;
};

class Network : public Module {
 public:
  /// Initial weights are drawn from `clock.seed`. Throws Error naming the layer where shapes do not
  /// fit.
  Network(const ModelSpec& spec, int64_t classes, const InputStandardization& standardization,
          const TrainingClock& clock, Device device, const NetworkOptions& options = {});

  /// Logits [batch, classes].
  Variable forward(const LetterBatch& batch);
  /// The same from an input that is written out as the encoding says: one-hot letters [length,
  /// batch, letters], already standardised, or k-mer counts [batch, features].
  Variable forward(const Variable& input);

  /// Copies weights, parameters and buffers, in by PyTorch's names, those of a Conv2d over one axis
  /// too; throws Error, and copies none, on a missing, unknown or misshapen one.
  void load(const std::map<std::string, Tensor>& weights);

  /// In the order of the layers.
  const std::vector<DropoutPlace>& dropouts() const { return dropouts_; }

 private:
  /// A layer and what it reads.
  struct Step {
    std::shared_ptr<Layer> layer;  // of several steps, where they share parameters
    std::vector<int> reads;        // places of steps before it, or network_input
    bool reads_letters;            // itself, not as one-hot rows
    std::vector<int> finished;     // steps that none after it reads
  };
  Variable forward(const Signal& input);

  std::string name_;
  int64_t length_;
  NetworkInput input_;
  InputStandardization standardization_;
  std::vector<Step> steps_;
  std::vector<DropoutPlace> dropouts_;
};

/// What flows into the layers of a model of so many classes, and out of them: the network's input
/// and then the output of each layer of `layers`. Throws Error naming the layer that does not fit,
/// also where the last one gives no vector of the numbers that the loss needs.
std::vector<Flow> flows_of(const ModelSpec& spec, int64_t classes);

/// The layers of a model with, in place of the word "classes", the number of outputs that its loss
/// needs for so many.
std::vector<LayerSpec> with_classes(const ModelSpec& spec, int64_t classes);

/// The flows that one layer reads, of those that flows_of gives.
std::vector<Flow> inputs_of(const LayerSpec& layer, const std::vector<Flow>& flows);

/// The number of parameters of a model with so many classes.
int64_t parameter_count(const ModelSpec& spec, int64_t classes);

}  // namespace stroma
