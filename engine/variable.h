// Automatic differentiation. A Variable is a tensor, its gradient and the node that made it. An
// operation is a free function on Variables that runs a forward kernel and records a closure that
// runs the backward kernel; `backward` walks the nodes in reverse topological order. That is all.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "engine/tensor.h"

namespace stroma {

class Variable;

/// A variable without its value: its gradient and the node that made it. Edges of the graph are
/// made of these, and closures hold them, so that neither keeps a value alive that nobody reads.
/// Copies share gradient and history; a const one still takes gradients in.
class GradSlot {
 public:
  GradSlot() = default;

  /// False for an undefined one too.
  bool requires_grad() const;
  const Shape& shape() const;

  /// The gradient; undefined until a backward pass reached this variable.
  const Tensor& grad() const;
  /// Where a backward kernel that *writes* puts its result, for `add_grad`: uninitialised.
  Tensor empty_grad() const;
  /// Where a backward kernel that *adds* puts its result: the gradient, zeros at first.
  Tensor& grad_to_add_to() const;
  /// Takes `gradient` in: keeps it if it is the first, adds it otherwise.
  void add_grad(Tensor gradient) const;
  /// Forgets the gradient, or zeroes it where `place` fixed its memory.
  void zero_grad();

 protected:
  struct Node;
  /// Throws Error where there is none.
  Node& node() const;
  std::shared_ptr<Node> node_;

  friend class Variable;
  friend Variable make_result(Tensor, const std::vector<GradSlot>&,
                              std::function<void(const Tensor&)>);
  friend void backward(const Variable&);
};

/// The gradient as kernels that add to it take it: nullptr where nobody asks for it.
template <class T>
T* grad_or_null(const GradSlot& slot) {
  return slot.requires_grad() ? slot.grad_to_add_to().data<T>() : nullptr;
}

/// Copies of a Variable share value, gradient and history.
class Variable : public GradSlot {
 public:
  Variable() = default;
  explicit Variable(Tensor value, bool requires_grad = false);

  bool defined() const { return value_ != nullptr; }
  /// Of an undefined variable: an undefined tensor.
  const Tensor& value() const;
  Tensor& value();
  /// Of a parameter: whether operations from now on give it gradients, or find it frozen.
  void set_requires_grad(bool on);

  /// Fixes where value and gradient live: views into one array of all parameters and one of all
  /// gradients. The value moves there.
  void place(Tensor value, Tensor gradient);

 private:
  std::shared_ptr<Tensor> value_;
};

/// The result of an operation on `inputs`. `backward(output_grad)` gives every input that
/// `requires_grad` its share, through `add_grad` or `grad_to_add_to`. It is kept only if an input
/// asks for gradients and recording is on; it should hold a GradSlot for each input and no tensor
/// but those that the backward kernel reads.
Variable make_result(Tensor value, const std::vector<GradSlot>& inputs,
                     std::function<void(const Tensor& output_grad)> backward);

/// Gradients of a scalar with respect to all variables it depends on. Frees the history.
void backward(const Variable& loss);

/// No history is recorded on this thread while one of these lives.
class NoGrad {
 public:
  NoGrad();
  ~NoGrad();
  NoGrad(const NoGrad&) = delete;
  NoGrad& operator=(const NoGrad&) = delete;

 private:
  bool before_;
};

/// Whether an operation on `inputs` must keep what its backward pass needs.
bool records(const std::vector<GradSlot>& inputs);

}  // namespace stroma
