#include "layers/add.h"

#include <utility>

#include "engine/dispatch.h"
#include "engine/operand.h"
#include "kernels/elementwise.h"
#include "kernels/error.h"
#include "layers/join.h"

namespace stroma {

Variable add(const std::vector<Variable>& terms) {
  const char* const name = "a sum";
  if (terms.empty()) throw Error("a sum takes one term or more, not none");
  const Tensor& first = terms[0].value();
  check_input(name, first);
  for (const Variable& term : terms) {
    check_operand(name, "term", term.value(), first.shape(), first);
  }
  if (terms.size() == 1) return terms[0];
  Tensor y = Tensor::empty(first.shape(), first.dtype(), first.device());
  dispatch(first, [&]<class T>(const auto& context, T) {
    const T* sum = first.data<T>();
    for (std::size_t i = 1; i < terms.size(); ++i) {
      kernels::add(context, sum, terms[i].value().data<T>(), y.data<T>(), y.count());
      sum = y.data<T>();
    }
  });
  const std::vector<GradSlot> inputs(terms.begin(), terms.end());
  return make_result(std::move(y), inputs, [inputs](const Tensor& output_grad) {
    for (const GradSlot& input : inputs) {
      if (input.requires_grad()) input.add_grad(output_grad);
    }
  });
}

namespace {

class Add : public Layer {
 public:
  Signal apply(std::span<const Signal> inputs) override {
    return {add(values_of(inputs)), inputs[0].lengths};
  }
};

}  // namespace

LayerType add_layer() {
  return {
      .name = "add",
      .help = "the sum of its inputs, element by element: a shortcut around layers, for one",
      .keys = {},
      .joins = true,
      .turns = "inputs of one shape",
      .into = "the same",
      .padding = "stays zeros",
      .flow =
          [](const LayerSpec&, Flows inputs) {
            need_alike(inputs, "adds", true);
            return inputs[0];
          },
      .build = [](const LayerSpec&, Flows, LayerBuild&) -> std::unique_ptr<Layer> {
        return std::make_unique<Add>();
      },
  };
}

}  // namespace stroma
