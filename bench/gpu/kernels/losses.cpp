// The other losses over 100 classes, the mean logits of groups, and the one-cycle learning rate.
#include <fmt/format.h>

#include <algorithm>

#include "bench/gpu/case.h"
#include "bench/gpu/dna_model.h"
#include "kernels/binary_cross_entropy.h"
#include "kernels/group_mean.h"
#include "kernels/multi_margin.h"
#include "kernels/one_cycle.h"

namespace stroma::bench {
namespace {

/// A loss of `labels` whole numbers below `end`, by f(context, loss).
template <class F>
Case loss_case(const char* name, int64_t batch, int64_t labels, int64_t end, F f) {
  const int64_t classes = dna_model::classes, count = batch * classes;
  Case c(name, fmt::format("[{}, {}]", batch, classes));
  const auto logits = c.input(count, 4);
  const auto held_against = c.integers<int32_t>(labels, end);
  const auto loss = c.output<float>(1);
  const auto logits_grad = c.output<float>(count);
  const auto statistics = c.updated_integers<double>(2, 1000);
  c.flops(6 * count);
  c.terms(batch + classes);
  c.run([=](const auto& context, const auto& at) {
    f(context, kernels::ClassificationLoss<float>{.batch = batch,
                                                  .classes = classes,
                                                  .logits = at(logits),
                                                  .labels = at(held_against),
                                                  .class_weights = nullptr,
                                                  .loss = at(loss),
                                                  .logits_grad = at(logits_grad),
                                                  .statistics = at(statistics)});
  });
  return c;
}

std::vector<Case> cases(int64_t batch) {
  const int64_t classes = dna_model::classes, count = batch * classes;
  Case mean("group_mean", fmt::format("[{}, {}]", batch, classes));
  {
    const auto groups = mean.integers<int32_t>(batch, std::max<int64_t>(1, batch / 8));
    const auto input = mean.input(count);
    const auto output = mean.output<float>(count);
    const auto weights = mean.output<float>(batch);
    mean.flops(count);
    mean.terms(batch);
    mean.run([=](const auto& context, const auto& at) {
      kernels::group_mean_forward(context,
                                  kernels::GroupMeanForward<float>{.rows = batch,
                                                                   .columns = classes,
                                                                   .groups = at(groups),
                                                                   .row_weights = nullptr,
                                                                   .input = at(input),
                                                                   .output = at(output),
                                                                   .weights = at(weights)});
    });
  }
  Case rate("one_cycle", "1");
  {
    const auto step = rate.integers<int64_t>(1, 1000);
    const auto highest = rate.integers<double>(1, 10);
    const auto learning_rate = rate.output<float>(1);
    rate.flops(10);
    rate.terms(1);
    rate.run([=](const auto& context, const auto& at) {
      kernels::one_cycle(context, {.steps = 1000,
                                   .rise = 0.3,
                                   .step = at(step),
                                   .highest = at(highest),
                                   .learning_rate = at(learning_rate)});
    });
  }
  return {loss_case("binary_cross_entropy", batch, count, 2,
                    [](const auto& context, const auto& loss) {
                      kernels::binary_cross_entropy(context, loss);
                    }),
          loss_case(
              "multi_margin", batch, batch, classes,
              [](const auto& context, const auto& loss) { kernels::multi_margin(context, loss); }),
          mean, rate};
}

const Operation operation(cases);

}  // namespace
}  // namespace stroma::bench
