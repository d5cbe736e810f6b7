#include "layers/add.h"

#include <utility>

#include "engine/dispatch.h"
#include "engine/operand.h"
#include "kernels/elementwise.h"
#include "kernels/error.h"

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

}  // namespace stroma
