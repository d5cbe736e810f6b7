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

void Module::register_child(const std::string& name, Module& child) {
  children_.emplace_back(name, &child);
}

}  // namespace stroma
