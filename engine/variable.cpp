#include "engine/variable.h"

#include <unordered_set>
#include <utility>

#include "engine/dispatch.h"
#include "engine/operand.h"
#include "kernels/elementwise.h"
#include "kernels/error.h"

namespace stroma {

struct GradSlot::Node {
  Shape shape;
  DType dtype = DType::float32;
  Device device = {};
  Tensor grad;
  bool requires_grad = false;
  bool placed = false;                        // `grad` is a view that must stay where it is
  bool grad_owned = false;                    // no other gradient shares the elements of `grad`
  bool spent = false;                         // `backward` has freed this node's history
  std::vector<std::shared_ptr<Node>> inputs;  // those that ask for gradients
  std::function<void(const Tensor&)> backward;
};

namespace {
thread_local bool recording = true;
}

bool GradSlot::requires_grad() const { return node_ && node_->requires_grad; }

const Shape& GradSlot::shape() const {
  static const Shape undefined;
  return node_ ? node_->shape : undefined;
}

GradSlot::Node& GradSlot::node() const {
  if (!node_) throw Error("an undefined variable has no gradient");
  return *node_;
}

const Tensor& GradSlot::grad() const { return node().grad; }

Tensor GradSlot::empty_grad() const {
  return Tensor::empty(node().shape, node().dtype, node().device);
}

Tensor& GradSlot::grad_to_add_to() const {
  Tensor& grad = node().grad;
  if (!grad.defined()) {
    grad = Tensor::zeros(node_->shape, node_->dtype, node_->device);
  } else if (!node_->grad_owned) {
    grad = grad.clone();
  }
  node_->grad_owned = true;
  return grad;
}

void GradSlot::add_grad(Tensor gradient) const {
  check_operand("a variable", "gradient", gradient, node().shape, node_->dtype, node_->device);
  Tensor& grad = node_->grad;
  if (!grad.defined()) {
    // The same tensor may be given to several variables (the operands of a sum), so it must not be
    // added to.
    grad = std::move(gradient);
    node_->grad_owned = false;
    return;
  }
  const Tensor before = grad;
  if (!node_->grad_owned) {
    grad = empty_grad();
    node_->grad_owned = true;
  }
  dispatch(grad, [&]<class T>(const auto& context, T) {
    kernels::add(context, before.data<T>(), std::as_const(gradient).data<T>(), grad.data<T>(),
                 grad.count());
  });
}

void GradSlot::zero_grad() {
  Tensor& grad = node().grad;
  if (node_->placed) {
    grad.zero();
  } else {
    grad = Tensor();
  }
}

Variable::Variable(Tensor value, bool requires_grad)
    : value_(std::make_shared<Tensor>(std::move(value))) {
  node_ = std::make_shared<Node>();
  node_->shape = value_->shape();
  node_->dtype = value_->dtype();
  node_->device = value_->device();
  node_->requires_grad = requires_grad;
}

const Tensor& Variable::value() const {
  static const Tensor undefined;
  return value_ ? *value_ : undefined;
}
Tensor& Variable::value() {
  if (!value_) throw Error("an undefined variable has no value");
  return *value_;
}

void Variable::set_requires_grad(bool on) { node().requires_grad = on; }

void Variable::place(Tensor value, Tensor gradient) {
  Tensor& own = this->value();
  check_operand("a variable", "place", value, shape(), own);
  check_operand("a variable", "place of its gradient", gradient, shape(), own);
  value.copy_from(own);
  own = std::move(value);
  node_->grad = std::move(gradient);
  node_->placed = node_->grad_owned = true;
}

Variable make_result(Tensor value, const std::vector<GradSlot>& inputs,
                     std::function<void(const Tensor&)> backward) {
  const bool keep = records(inputs);
  Variable result(std::move(value), keep);
  if (keep) {
    for (const GradSlot& input : inputs) {
      if (input.requires_grad()) result.node_->inputs.push_back(input.node_);
    }
    result.node_->backward = std::move(backward);
  }
  return result;
}

void backward(const Variable& loss) {
  if (loss.value().count() != 1 || !loss.defined()) {
    throw Error("backward needs a scalar, not " + to_string(loss.value()));
  }
  if (!loss.requires_grad()) {
    throw Error("backward needs a result that depends on a parameter and was recorded");
  }
  // Depth-first with an explicit stack: each node comes after everything it was made from.
  using Node = std::shared_ptr<GradSlot::Node>;
  std::vector<Node> order;
  std::unordered_set<const GradSlot::Node*> seen;
  std::vector<std::pair<Node, std::size_t>> stack{{loss.node_, 0}};
  seen.insert(loss.node_.get());
  while (!stack.empty()) {
    auto& [node, next] = stack.back();
    if (node->spent) {
      throw Error("backward was called again on a part of a graph whose history it has freed");
    }
    if (next == node->inputs.size()) {
      order.push_back(node);
      stack.pop_back();
      continue;
    }
    const Node input = node->inputs[next++];
    if (seen.insert(input.get()).second) stack.emplace_back(input, 0);
  }

  Tensor one = loss.empty_grad();
  dispatch(one, [&]<class T>(const auto& context, T) {
    kernels::fill(context, one.data<T>(), 1, T{1});
  });
  loss.add_grad(one);
  while (!order.empty()) {
    const Node node = std::move(order.back());
    order.pop_back();
    if (!node->backward) continue;
    if (node->grad.defined()) node->backward(node->grad);
    // What only the history kept alive goes back to the pool here, while it is still warm.
    node->backward = nullptr;
    node->inputs.clear();
    node->grad = Tensor();
    node->spent = true;
  }
}

NoGrad::NoGrad() : before_(std::exchange(recording, false)) {}
NoGrad::~NoGrad() { recording = before_; }

bool records(const std::vector<GradSlot>& inputs) {
  if (!recording) return false;
  for (const GradSlot& input : inputs) {
    if (input.requires_grad()) return true;
  }
  return false;
}

}  // namespace stroma
