#include "engine/module.h"

namespace stroma {

std::vector<NamedParameter> Module::parameters() const {
  std::vector<NamedParameter> all = own_;
  for (const auto& [name, child] : children_) {
    for (NamedParameter& parameter : child->parameters()) {
      all.push_back({name + "." + parameter.name, parameter.variable});
    }
  }
  return all;
}

std::vector<NamedTensor> Module::buffers() const {
  std::vector<NamedTensor> all = own_buffers_;
  for (const auto& [name, child] : children_) {
    for (NamedTensor& buffer : child->buffers()) {
      all.push_back({name + "." + buffer.name, std::move(buffer.tensor)});
    }
  }
  return all;
}

std::vector<NamedTensor> Module::state() const {
  std::vector<NamedTensor> all;
  for (const NamedParameter& parameter : parameters()) {
    all.push_back({parameter.name, parameter.variable.value()});
  }
  for (NamedTensor& buffer : buffers()) all.push_back(std::move(buffer));
  return all;
}

void Module::train(bool on) {
  training_ = on;
  for (const auto& [name, child] : children_) child->train(on);
}

void Module::freeze(bool on) {
  for (NamedParameter& parameter : parameters()) parameter.variable.set_requires_grad(!on);
}

Variable Module::register_parameter(const std::string& name, Tensor value) {
  own_.push_back({name, Variable(std::move(value), /*requires_grad=*/true)});
  return own_.back().variable;
}

Tensor Module::register_buffer(const std::string& name, Tensor value) {
  own_buffers_.push_back({name, std::move(value)});
  return own_buffers_.back().tensor;
}

void Module::register_child(const std::string& name, Module& child) {
  children_.emplace_back(name, &child);
}

}  // namespace stroma
