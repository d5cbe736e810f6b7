#include "layers/multiply.h"

#include <algorithm>
#include <utility>

#include "engine/dispatch.h"
#include "engine/operand.h"
#include "kernels/error.h"
#include "kernels/multiply.h"
#include "kernels/rows.h"
#include "layers/join.h"

namespace stroma {
namespace {

/// Whether `vector` [batch, channels] goes over the positions of `sequence`.
bool goes_over(const Shape& vector, const Shape& sequence) {
  return vector.size() == 2 && sequence.size() == 3 && vector[0] == sequence[1] &&
         vector[1] == sequence[2];
}

/// Whether `one` [length, batch, 1] goes over the channels of `sequence`, of which there are more.
bool goes_over_channels(const Shape& one, const Shape& sequence) {
  return one.size() == 3 && sequence.size() == 3 && one[0] == sequence[0] &&
         one[1] == sequence[1] && one[2] == 1 && sequence[2] > 1;
}

void check_factors(const Tensor& a, const Tensor& b) {
  const char* const name = "a product";
  check_input(name, a);
  check_input(name, b);
  if (a.shape() != b.shape() && !goes_over(b.shape(), a.shape()) &&
      !goes_over_channels(b.shape(), a.shape())) {
    throw Error(
        "a product takes two inputs of one shape, or a sequence [length, batch, channels] and a "
        "vector [batch, channels] or a sequence of one channel, not " +
        to_string(a.shape()) + " and " + to_string(b.shape()));
  }
  check_operand(name, "other factor", b, b.shape(), a);
}

/// The gradients that are asked for of left [rows, columns] and right [columns].
template <class T, class Context>
void backward_over_rows(const Context& context, const Tensor& output_grad, const Tensor& left,
                        const Tensor& right, Tensor& left_grad, Tensor& right_grad,
                        int64_t columns) {
  kernels::multiply_backward(
      context, kernels::MultiplyBackward<T>{.rows = output_grad.count() / columns,
                                            .columns = columns,
                                            .left = data_or_null<T>(left),
                                            .right = data_or_null<T>(right),
                                            .output_grad = output_grad.data<T>(),
                                            .left_grad = data_or_null<T>(left_grad),
                                            .right_grad = data_or_null<T>(right_grad)});
}

/// The same of left [rows, columns] and right [rows].
template <class T, class Context>
void backward_over_channels(const Context& context, const Tensor& output_grad, const Tensor& left,
                            const Tensor& right, Tensor& left_grad, Tensor& right_grad) {
  const int64_t columns = output_grad.shape().back(), rows = output_grad.count() / columns;
  if (left_grad.defined()) {
    kernels::scale_rows(context, kernels::ScaleRows<T>{.rows = rows,
                                                       .columns = columns,
                                                       .input = output_grad.data<T>(),
                                                       .scales = right.data<T>(),
                                                       .output = left_grad.data<T>()});
  }
  if (right_grad.defined()) {
    kernels::row_sums(context, kernels::RowSums<T>{.rows = rows,
                                                   .columns = columns,
                                                   .left = output_grad.data<T>(),
                                                   .right = left.data<T>(),
                                                   .sums = right_grad.data<T>()});
  }
}

}  // namespace

Variable multiply(const Variable& a, const Variable& b) {
  const Shape &first = a.value().shape(), &second = b.value().shape();
  if (goes_over(first, second) || goes_over_channels(first, second)) return multiply(b, a);
  const Tensor &left = a.value(), &right = b.value();
  check_factors(left, right);
  const bool over_channels = goes_over_channels(second, first);
  // Of a row of the left factor: the right one's own elements, or all channels of a position.
  const int64_t columns = over_channels ? first[2] : right.count();
  Tensor y = Tensor::empty(left.shape(), left.dtype(), left.device());
  dispatch(left, [&]<class T>(const auto& context, T) {
    const int64_t rows = left.count() / columns;
    if (over_channels) {
      kernels::scale_rows(context, kernels::ScaleRows<T>{.rows = rows,
                                                         .columns = columns,
                                                         .input = left.data<T>(),
                                                         .scales = right.data<T>(),
                                                         .output = y.data<T>()});
    } else {
      kernels::multiply_forward(context, kernels::MultiplyForward<T>{rows, columns, left.data<T>(),
                                                                     right.data<T>(), y.data<T>()});
    }
  });
  // A factor is read for the gradient of the other alone.
  const Tensor kept_left = b.requires_grad() ? left : Tensor();
  const Tensor kept_right = a.requires_grad() ? right : Tensor();
  return make_result(std::move(y), {a, b},
                     [a = GradSlot(a), b = GradSlot(b), kept_left, kept_right, over_channels,
                      columns](const Tensor& output_grad) {
                       Tensor left_grad = a.requires_grad() ? a.empty_grad() : Tensor();
                       Tensor right_grad = b.requires_grad() ? b.empty_grad() : Tensor();
                       dispatch(output_grad, [&]<class T>(const auto& context, T) {
                         if (over_channels) {
                           backward_over_channels<T>(context, output_grad, kept_left, kept_right,
                                                     left_grad, right_grad);
                         } else {
                           backward_over_rows<T>(context, output_grad, kept_left, kept_right,
                                                 left_grad, right_grad, columns);
                         }
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
  if (a.sequence != b.sequence && a.channels == b.channels) return a.sequence ? a : b;
  const bool over_channels = a.sequence && b.sequence && std::min(a.channels, b.channels) == 1;
  need_alike(inputs, "multiplies", !over_channels);
  return a.channels >= b.channels ? a : b;
}

}  // namespace

LayerType multiply_layer() {
  return {
      .name = "multiply",
      .help =
          "the product of its two inputs, element by element; a vector multiplies every "
          "position of a sequence of as many channels, and a sequence of one channel every channel "
          "of "
          "another",
      .keys = {},
      .joins = true,
      .turns = "two inputs of one shape, or a sequence and a vector or a sequence of one channel",
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
