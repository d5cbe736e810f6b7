// A model from its spec: a chain of layers from letters to logits.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/random.h"
#include "layers/layer.h"
#include "layers/model_spec.h"

namespace stroma {

class Conv1d;

/// Where a network drops elements, and by which random numbers.
struct DropoutPlace {
  std::string name;  // the layer's, or its number in the spec from 1; after layer k of an LSTM the
                     // name with "_lk"
  uint32_t stream;
  float probability;  // above 0
  Shape shape;        // of one example: [length, channels] of a sequence, or [features]
};

class Network : public Module {
 public:
  /// Initial weights are drawn from `clock.seed`, from PyTorch's distributions. Throws Error naming
  /// the layer where shapes do not fit.
  Network(const ModelSpec& spec, int64_t classes, const InputStandardization& standardization,
          const TrainingClock& clock, Device device);
  ~Network() override;

  /// Logits [batch, classes].
  Variable forward(const LetterBatch& batch);
  /// The same from a written-out input [length, batch, letters], already standardised.
  Variable forward(const Variable& one_hot);

  /// Copies weights in by PyTorch's names; throws Error, and copies none, on a missing, unknown or
  /// misshapen one.
  void load(const std::map<std::string, Tensor>& weights);

  /// In the order of the layers.
  const std::vector<DropoutPlace>& dropouts() const { return dropouts_; }

 private:
  std::string name_;
  int64_t length_, letters_;
  InputStandardization standardization_;
  std::vector<std::unique_ptr<Layer>> layers_;
  std::vector<DropoutPlace> dropouts_;
  // Where the first layer is a convolution: it, and whether a ReLU follows, for which one operation
  // on letters stands.
  Conv1d* letters_convolution_ = nullptr;
  bool letters_relu_ = false;
};

/// The number of parameters of a model with so many classes.
int64_t parameter_count(const ModelSpec& spec, int64_t classes);

}  // namespace stroma
