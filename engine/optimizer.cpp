#include "engine/optimizer.h"

#include <limits>

#include "engine/dispatch.h"
#include "engine/operand.h"
#include "kernels/error.h"
#include "kernels/optimizer.h"
#include "kernels/reduce.h"

namespace stroma {
namespace {

/// The elements that a parameter takes up: whole cache lines, so that each begins aligned. The gap
/// stays zero in values, gradients and moments.
int64_t padded_count(const Tensor& value) {
  const int64_t line = 64 / size_of(value.dtype());
  return (value.count() + line - 1) / line * line;
}

void check(const OptimizerOptions& o) {
  const auto fraction = [](double value) { return value >= 0 && value < 1; };
  if (fraction(o.beta1) && fraction(o.beta2) && o.epsilon >= 0 && o.weight_decay >= 0 &&
      o.momentum >= 0 && (!o.clip_norm || *o.clip_norm > 0)) {
    return;
  }
  throw Error(
      "an optimizer's beta1 and beta2 are at least 0 and below 1, its epsilon, weight decay and "
      "momentum at least 0, and the norm that gradients are clipped to above 0");
}

}  // namespace

Optimizer::Optimizer(const std::vector<NamedParameter>& parameters, const OptimizerOptions& options,
                     const TrainingClock& clock)
    : options_(options), clock_(clock) {
  if (parameters.empty()) throw Error("there is nothing to train: the model has no parameters");
  const Device device = parameters[0].variable.value().device();
  const DType dtype = parameters[0].variable.value().dtype();
  check_operand("an optimizer", "training step", clock.step, {1}, DType::int64, device);
  check(options);
  int64_t count = 0;
  for (const NamedParameter& parameter : parameters) {
    const Tensor& value = parameter.variable.value();
    if (value.device() != device || value.dtype() != dtype) {
      throw Error("parameter " + parameter.name + " is " + to_string(value.dtype()) + " on " +
                  to_string(value.device()) + ", but " + parameters[0].name + " is " +
                  to_string(dtype) + " on " + to_string(device) +
                  "; an optimizer needs them alike");
    }
    if (!parameter.variable.requires_grad()) {
      throw Error("parameter " + parameter.name +
                  " is frozen; an optimizer takes what it may change");
    }
    check_input(("the parameter " + parameter.name).c_str(), value);
    count += padded_count(value);
  }

  values_ = Tensor::zeros({count}, dtype, device);
  gradients_ = Tensor::zeros({count}, dtype, device);
  int64_t offset = 0;
  for (NamedParameter parameter : parameters) {
    const Shape shape = parameter.variable.shape();
    const int64_t width = padded_count(parameter.variable.value());
    parameter.variable.place(values_.view(offset, shape), gradients_.view(offset, shape));
    offset += width;
  }

  const bool adam = options.rule != OptimizerOptions::Rule::sgd;
  if (adam || options.momentum != 0) first_moment_ = Tensor::zeros({count}, dtype, device);
  if (adam) second_moment_ = Tensor::zeros({count}, dtype, device);
  // A step before `set_learning_rate` shall not pass for training.
  set_learning_rate(std::numeric_limits<double>::quiet_NaN());
  if (options.clip_norm) {
    sum_of_squares_ = Tensor::zeros({1}, dtype, device);
    scale_ = Tensor::zeros({1}, dtype, device);
  }
}

void Optimizer::zero_grad() { gradients_.zero(); }

void Optimizer::set_learning_rate(double learning_rate) {
  const Tensor value = Tensor::of<float>({static_cast<float>(learning_rate)}, {1});
  if (learning_rate_.defined()) {
    learning_rate_.copy_from(value);
  } else {
    learning_rate_ = value.to(values_.device());
  }
}

void Optimizer::step() {
  dispatch(values_, [&]<class T>(const auto& context, T) {
    const int64_t count = values_.count();
    const T* gradients = data_or_null<T>(gradients_);
    if (options_.clip_norm) {
      kernels::sum_of_squares(context, gradients, count, sum_of_squares_.data<T>());
      kernels::clip_scale(context, data_or_null<T>(sum_of_squares_), *options_.clip_norm,
                          scale_.data<T>());
    }
    if (options_.rule == OptimizerOptions::Rule::sgd) {
      kernels::sgd_step(context,
                        kernels::Sgd<T>{.count = count,
                                        .parameters = values_.data<T>(),
                                        .gradients = gradients,
                                        .momentum_buffer = data_or_null<T>(first_moment_),
                                        .learning_rate = data_or_null<float>(learning_rate_),
                                        .step = data_or_null<int64_t>(clock_.step),
                                        .gradient_scale = data_or_null<T>(scale_),
                                        .momentum = options_.momentum,
                                        .weight_decay = options_.weight_decay});
    } else {
      kernels::adam_step(
          context, kernels::Adam<T>{.count = count,
                                    .parameters = values_.data<T>(),
                                    .gradients = gradients,
                                    .first_moment = first_moment_.data<T>(),
                                    .second_moment = second_moment_.data<T>(),
                                    .learning_rate = data_or_null<float>(learning_rate_),
                                    .step = data_or_null<int64_t>(clock_.step),
                                    .gradient_scale = data_or_null<T>(scale_),
                                    .beta1 = options_.beta1,
                                    .beta2 = options_.beta2,
                                    .epsilon = options_.epsilon,
                                    .weight_decay = options_.weight_decay,
                                    .decoupled = options_.rule == OptimizerOptions::Rule::adamw});
    }
  });
}

std::vector<NamedParameter> Optimizer::state() const {
  if (options_.rule != OptimizerOptions::Rule::sgd) {
    return {{"first_moment", Variable(first_moment_)}, {"second_moment", Variable(second_moment_)}};
  }
  if (first_moment_.defined()) return {{"momentum_buffer", Variable(first_moment_)}};
  return {};
}

}  // namespace stroma
