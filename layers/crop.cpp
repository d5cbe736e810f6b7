#include "layers/crop.h"

#include <fmt/format.h>

#include "engine/dispatch.h"
#include "engine/operand.h"
#include "kernels/elementwise.h"
#include "kernels/error.h"
#include "layers/layer_type.h"
#include "layers/sequence_lengths.h"

namespace stroma {

Variable crop(const Variable& input, int64_t length) {
  const Tensor& x = input.value();
  check_input("a crop", x, {any, any, any});
  if (length < 1 || length > x.size(0)) {
    throw Error(
        fmt::format("{} positions cannot be cut from a sequence {}", length, to_string(x.shape())));
  }
  return make_result(
      x.rows(0, length), {input}, [input = GradSlot(input), length](const Tensor& output_grad) {
        Tensor kept = input.grad_to_add_to().rows(0, length);
        dispatch(output_grad, [&]<class T>(const auto& context, T) {
          kernels::add_to(context, kept.data<T>(), output_grad.data<T>(), kept.count());
        });
      });
}

namespace {

class Crop : public Layer {
 public:
  Signal apply(std::span<const Signal> inputs) override {
    const Signal& like = inputs[1];
    const Variable y = crop(inputs[0].x, like.x.shape()[0]);
    return {like.lengths.defined() ? mask_positions(y, like.lengths) : y, like.lengths};
  }
};

Flow flow_of(const LayerSpec&, Flows inputs) {
  if (inputs.size() != 2) {
    throw Error(fmt::format("it reads a sequence and one to whose length it is cut, not {} inputs",
                            inputs.size()));
  }
  const Flow &a = inputs[0], &b = inputs[1];
  if (!a.sequence || !b.sequence || a.length < b.length) {
    throw Error(
        fmt::format("it cuts a sequence to the length of another that is not longer, and its "
                    "inputs are {} and {}",
                    a.text(), b.text()));
  }
  Flow cut = b;  // its length, and what made those of shorter sequences
  cut.channels = a.channels;
  return cut;
}

}  // namespace

LayerType crop_layer() {
  return {
      .name = "crop",
      .help =
          "the first positions of its first input, as many as the second has: what a shortcut "
          "around a pool needs",
      .keys = {},
      .joins = true,
      .turns = "two sequences",
      .into = "the first, of the second's length",
      .padding = "begins where that of the second does",
      .flow = flow_of,
      .build = [](const LayerSpec&, Flows, LayerBuild&) -> std::unique_ptr<Layer> {
        return std::make_unique<Crop>();
      },
  };
}

}  // namespace stroma
