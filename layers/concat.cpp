#include "layers/concat.h"

#include <utility>

#include "engine/dispatch.h"
#include "engine/operand.h"
#include "kernels/concat.h"
#include "kernels/error.h"
#include "layers/join.h"

namespace stroma {
namespace {

/// The shape of the result, of parts that fit each other.
Shape joined_shape(const std::vector<Variable>& parts) {
  const char* const name = "a concatenation";
  if (parts.empty()) throw Error("a concatenation takes one part or more, not none");
  const Tensor& first = parts[0].value();
  check_input(name, first);
  Shape shape = first.shape(), pattern = shape;
  if (shape.empty()) throw Error("a concatenation takes vectors or sequences, not a scalar []");
  shape.back() = 0;
  pattern.back() = any;
  for (const Variable& part : parts) {
    check_operand(name, "part", part.value(), pattern, first);
    shape.back() += part.shape().back();
  }
  return shape;
}

}  // namespace

Variable concat(const std::vector<Variable>& parts) {
  const Shape shape = joined_shape(parts);
  const Tensor& like = parts[0].value();
  Tensor y = Tensor::empty(shape, like.dtype(), like.device());
  const int64_t width = shape.back(), rows = y.count() / width;
  dispatch(like, [&]<class T>(const auto& context, T) {
    T* to = y.data<T>();
    for (const Variable& part : parts) {
      const int64_t columns = part.shape().back();
      kernels::copy_columns(context, kernels::CopyColumns<T>{.rows = rows,
                                                             .columns = columns,
                                                             .from = part.value().data<T>(),
                                                             .from_stride = columns,
                                                             .to = to,
                                                             .to_stride = width});
      to += columns;
    }
  });
  const std::vector<GradSlot> inputs(parts.begin(), parts.end());
  return make_result(std::move(y), inputs, [inputs, rows, width](const Tensor& output_grad) {
    dispatch(output_grad, [&]<class T>(const auto& context, T) {
      const T* from = output_grad.data<T>();
      for (const GradSlot& input : inputs) {
        const int64_t columns = input.shape().back();
        if (input.requires_grad()) {
          Tensor grad = input.empty_grad();
          kernels::copy_columns(context, kernels::CopyColumns<T>{.rows = rows,
                                                                 .columns = columns,
                                                                 .from = from,
                                                                 .from_stride = width,
                                                                 .to = grad.data<T>(),
                                                                 .to_stride = columns});
          input.add_grad(std::move(grad));
        }
        from += columns;
      }
    });
  });
}

namespace {

class Concat : public Layer {
 public:
  Signal apply(std::span<const Signal> inputs) override {
    return {concat(values_of(inputs)), inputs[0].lengths};
  }
};

}  // namespace

LayerType concat_layer() {
  return {
      .name = "concat",
      .help = "the channels of its inputs one after the other, in the order of `inputs`",
      .keys = {},
      .joins = true,
      .turns = "sequences of one length, or vectors",
      .into = "the same, with all channels",
      .padding = "stays zeros",
      .flow =
          [](const LayerSpec&, Flows inputs) {
            need_alike(inputs, "joins", false);
            Flow all = inputs[0];
            all.channels = 0;
            for (const Flow& input : inputs) all.channels += input.channels;
            return all;
          },
      .build = [](const LayerSpec&, Flows, LayerBuild&) -> std::unique_ptr<Layer> {
        return std::make_unique<Concat>();
      },
  };
}

}  // namespace stroma
