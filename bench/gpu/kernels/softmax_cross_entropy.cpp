// The loss with the gradient of the logits, and softmax alone, over 100 classes.
#include "kernels/softmax_cross_entropy.h"

#include <fmt/format.h>

#include "bench/gpu/case.h"
#include "bench/gpu/dna_model.h"

namespace stroma::bench {
namespace {

std::vector<Case> cases(int64_t batch) {
  const int64_t classes = dna_model::classes, count = batch * classes;
  const std::string shape = fmt::format("[{}, {}]", batch, classes);

  Case loss_case("softmax_cross_entropy", shape);
  {
    const auto logits = loss_case.input(count, 4);
    const auto labels = loss_case.integers<int32_t>(batch, classes);
    const auto loss = loss_case.output<float>(1);
    const auto logits_grad = loss_case.output<float>(count);
    const auto statistics = loss_case.updated_integers<double>(2, 1000);
    loss_case.flops(6 * count);
    loss_case.terms(batch + classes);
    loss_case.run([=](const auto& context, const auto& at) {
      kernels::softmax_cross_entropy(
          context, kernels::ClassificationLoss<float>{.batch = batch,
                                                      .classes = classes,
                                                      .logits = at(logits),
                                                      .labels = at(labels),
                                                      .class_weights = nullptr,
                                                      .loss = at(loss),
                                                      .logits_grad = at(logits_grad),
                                                      .statistics = at(statistics)});
    });
  }
  Case softmax("softmax", shape);
  {
    const auto logits = softmax.input(count, 4);
    const auto output = softmax.output<float>(count);
    softmax.flops(5 * count);
    softmax.terms(classes);
    softmax.run([=](const auto& context, const auto& at) {
      kernels::softmax(context, batch, classes, at(logits), at(output));
    });
  }
  return {loss_case, softmax};
}

const Operation operation(cases);

}  // namespace
}  // namespace stroma::bench
