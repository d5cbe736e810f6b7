// A part of a model: parameters, buffers and children with names, and whether it is being trained.
// Names join with dots, as in PyTorch's state_dict: "lstm.weight_ih_l0".
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "engine/variable.h"

namespace stroma {

struct NamedParameter {
  std::string name;
  Variable variable;
};

struct NamedTensor {
  std::string name;
  Tensor tensor;
};

class Module {
 public:
  virtual ~Module() = default;
  Module(const Module&) = delete;  // children are known by their address
  Module& operator=(const Module&) = delete;

  /// Own parameters in order of registration, then the children's, each with its dotted name.
  std::vector<NamedParameter> parameters() const;
  /// What a forward pass in training changes and no optimiser does, such as running statistics; in
  /// the order of the parameters.
  std::vector<NamedTensor> buffers() const;
  /// All that is saved of a model: the values of the parameters, then the buffers.
  std::vector<NamedTensor> state() const;
  /// Switches this module and its children between training and evaluation.
  void train(bool on = true);
  bool training() const { return training_; }
  /// Parameters of this module and its children get no gradients from now on, or do again: for what
  /// reads a trained model, as a saliency map does.
  void freeze(bool on = true);

 protected:
  Module() = default;
  /// Declares a parameter with the given initial value, on whatever device it is.
  Variable register_parameter(const std::string& name, Tensor value);
  /// Declares a buffer with the given initial value, on whatever device it is; it is changed in
  /// place, through the tensor that is returned.
  Tensor register_buffer(const std::string& name, Tensor value);
  /// Declares a child, which must live as long as this module.
  void register_child(const std::string& name, Module& child);

 private:
  std::vector<NamedParameter> own_;
  std::vector<NamedTensor> own_buffers_;
  std::vector<std::pair<std::string, Module*>> children_;
  bool training_ = true;
};

}  // namespace stroma
