#include "engine/variable.h"

#include <unordered_set>
#include <utility>

#include "engine/dispatch.h"
#include "engine/operand.h"
#include "kernels/elementwise.h"
#include "kernels/error.h"

namespace stroma {

struct Variable::State {
  Tensor value;
  Tensor grad;
  bool requires_grad = false;
  bool placed = false;      // `grad` is a view that must stay where it is
  bool grad_owned = false;  // no other gradient shares the elements of `grad`
  bool spent = false;       // `backward` has freed this node's history
  std::vector<Variable> inputs;
  std::function<void(const Tensor&)> backward;
};

namespace {
thread_local bool recording = true;
}

Variable::Variable(Tensor value, bool requires_grad) : state_(std::make_shared<State>()) {
  state_->value = std::move(value);
  state_->requires_grad = requires_grad;
}

const Tensor& Variable::value() const {
  static const Tensor undefined;
  return state_ ? state_->value : undefined;
}
Tensor& Variable::value() {
  if (!state_) throw Error("an undefined variable has no value");
  return state_->value;
}
bool Variable::requires_grad() const { return state_ && state_->requires_grad; }
const Tensor& Variable::grad() const { return state_->grad; }

Tensor& Variable::grad_to_add_to() const {
  Tensor& grad = state_->grad;
  if (!grad.defined()) {
    const Tensor& value = state_->value;
    grad = Tensor::zeros(value.shape(), value.dtype(), value.device());
    state_->grad_owned = true;
  } else if (!state_->grad_owned) {
    grad = grad.clone();
    state_->grad_owned = true;
  }
  return grad;
}

void Variable::add_grad(Tensor gradient) const {
  check_operand("a variable", "gradient", gradient, shape(), value());
  Tensor& grad = state_->grad;
  if (!grad.defined()) {
    // The same tensor may be given to several variables (the operands of a sum), so it must not be
    // added to.
    grad = std::move(gradient);
    state_->grad_owned = false;
    return;
  }
  const Tensor before = grad;
  if (!state_->grad_owned) {
    grad = Tensor::empty(before.shape(), before.dtype(), before.device());
    state_->grad_owned = true;
  }
  dispatch(grad, [&]<class T>(const auto& context, T) {
    kernels::add(context, before.data<T>(), std::as_const(gradient).data<T>(), grad.data<T>(),
                 grad.count());
  });
}

void Variable::zero_grad() {
  if (state_->placed) {
    state_->grad.zero();
  } else {
    state_->grad = Tensor();
  }
}

void Variable::place(Tensor value, Tensor gradient) {
  check_operand("a variable", "place", value, shape(), state_->value);
  check_operand("a variable", "place of its gradient", gradient, shape(), state_->value);
  value.copy_from(state_->value);
  state_->value = std::move(value);
  state_->grad = std::move(gradient);
  state_->placed = state_->grad_owned = true;
}

Variable make_result(Tensor value, std::vector<Variable> inputs,
                     std::function<void(const Tensor&)> backward) {
  const bool keep = records(inputs);
  Variable result(std::move(value), keep);
  if (keep) {
    result.state_->inputs = std::move(inputs);
    result.state_->backward = std::move(backward);
  }
  return result;
}

void backward(const Variable& loss) {
  if (loss.value().count() != 1) {
    throw Error("backward needs a scalar, not a tensor of shape " + to_string(loss.shape()));
  }
  if (!loss.requires_grad()) {
    throw Error("backward needs a result that depends on a parameter and was recorded");
  }
  // Depth-first with an explicit stack: each node comes after everything it was made from.
  std::vector<Variable> order;
  std::unordered_set<const Variable::State*> seen;
  std::vector<std::pair<Variable, std::size_t>> stack{{loss, 0}};
  seen.insert(loss.state_.get());
  while (!stack.empty()) {
    auto& [variable, next] = stack.back();
    if (variable.state_->spent) {
      throw Error("backward was called again on a part of a graph whose history it has freed");
    }
    const auto& inputs = variable.state_->inputs;
    if (next == inputs.size()) {
      order.push_back(variable);
      stack.pop_back();
      continue;
    }
    const Variable input = inputs[next++];
    if (input.requires_grad() && seen.insert(input.state_.get()).second) {
      stack.emplace_back(input, 0);
    }
  }

  const Tensor& value = loss.value();
  Tensor one = Tensor::empty(value.shape(), value.dtype(), value.device());
  dispatch(one, [&]<class T>(const auto& context, T) {
    kernels::fill(context, one.data<T>(), 1, T{1});
  });
  loss.add_grad(one);
  while (!order.empty()) {
    const Variable node = std::move(order.back());
    order.pop_back();
    Variable::State& state = *node.state_;
    if (!state.backward) continue;
    if (state.grad.defined()) state.backward(state.grad);
    // What only the history kept alive goes back to the pool here, while it is still warm.
    state.backward = nullptr;
    state.inputs.clear();
    state.grad = Tensor();
    state.spent = true;
  }
}

NoGrad::NoGrad() : before_(std::exchange(recording, false)) {}
NoGrad::~NoGrad() { recording = before_; }

bool records(const std::vector<Variable>& inputs) {
  if (!recording) return false;
  for (const Variable& input : inputs) {
    if (input.requires_grad()) return true;
  }
  return false;
}

}  // namespace stroma
