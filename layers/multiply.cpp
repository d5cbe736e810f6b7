#include "layers/multiply.h"

#include <utility>

#include "engine/dispatch.h"
#include "engine/operand.h"
#include "kernels/error.h"
#include "kernels/multiply.h"
#include "layers/join.h"

namespace stroma {
namespace {

/// Whether `vector` [batch, channels] goes over the positions of `sequence`.
bool goes_over(const Shape& vector, const Shape& sequence) {
  return vector.size() == 2 && sequence.size() == 3 && vector[0] == sequence[1] &&
         vector[1] == sequence[2];
}

void check_factors(const Tensor& a, const Tensor& b) {
  const char* const name = "a product";
  check_input(name, a);
  check_input(name, b);
  if (a.shape() != b.shape() && !goes_over(b.shape(), a.shape())) {
    throw Error(
        "a product takes two inputs of one shape, or a sequence [length, batch, channels] and a "
        "vector [batch, channels], not " +
        to_string(a.shape()) + " and " + to_string(b.shape()));
  }
  check_operand(name, "other factor", b, b.shape(), a);
}

}  // namespace

Variable multiply(const Variable& a, const Variable& b) {
  if (goes_over(a.value().shape(), b.value().shape())) return multiply(b, a);
  const Tensor &left = a.value(), &right = b.value();
  check_factors(left, right);
  const int64_t columns = right.count(), rows = left.count() / columns;
  Tensor y = Tensor::empty(left.shape(), left.dtype(), left.device());
  dispatch(left, [&]<class T>(const auto& context, T) {
    kernels::multiply_forward(context, kernels::MultiplyForward<T>{rows, columns, left.data<T>(),
                                                                   right.data<T>(), y.data<T>()});
  });
  // A factor is read for the gradient of the other alone.
  const Tensor kept_left = b.requires_grad() ? left : Tensor();
  const Tensor kept_right = a.requires_grad() ? right : Tensor();
  return make_result(
      std::move(y), {a, b},
      [a = GradSlot(a), b = GradSlot(b), kept_left, kept_right, rows,
       columns](const Tensor& output_grad) {
        Tensor left_grad = a.requires_grad() ? a.empty_grad() : Tensor();
        Tensor right_grad = b.requires_grad() ? b.empty_grad() : Tensor();
        dispatch(output_grad, [&]<class T>(const auto& context, T) {
          kernels::multiply_backward(
              context, kernels::MultiplyBackward<T>{.rows = rows,
                                                    .columns = columns,
                                                    .left = data_or_null<T>(kept_left),
                                                    .right = data_or_null<T>(kept_right),
                                                    .output_grad = output_grad.data<T>(),
                                                    .left_grad = data_or_null<T>(left_grad),
                                                    .right_grad = data_or_null<T>(right_grad)});
        });
        if (left_grad.defined()) a.add_grad(std::move(left_grad));
        if (right_grad.defined()) b.add_grad(std::move(right_grad));
      });
}

namespace {

class Multiply : public Layer {
 public:
  Signal apply(std::span<const Signal> inputs) override {
    const Signal& a = inputs[0];
    const Signal& b = inputs[1];
    return {multiply(a.x, b.x), a.lengths.defined() ? a.lengths : b.lengths};
  }
};

Flow flow_of(const LayerSpec&, Flows inputs) {
  if (inputs.size() != 2) {
    throw Error("it multiplies two inputs, not " + std::to_string(inputs.size()));
  }
  const Flow &a = inputs[0], &b = inputs[1];
  const bool gates = a.sequence != b.sequence && a.channels == b.channels;
  if (!gates) need_alike(inputs, "multiplies", true);
  return a.sequence ? a : b;
}

}  // namespace

LayerType multiply_layer() {
  return {
      .name = "multiply",
      .help =
          "the product of its two inputs, element by element; a vector multiplies every "
          "position of a sequence of as many channels",
      .keys = {},
      .joins = true,
      .turns = "two inputs of one shape, or a sequence and a vector",
      .into = "the same; the sequence",
      .padding = "stays zeros",
      .flow = flow_of,
      .build = [](const LayerSpec&, Flows, LayerBuild&) -> std::unique_ptr<Layer> {
        return std::make_unique<Multiply>();
      },
      .multiply_adds = [](const LayerSpec& layer,
                          Flows inputs) { return flow_of(layer, inputs).elements(); },
  };
}

}  // namespace stroma
