// Dropout between the two LSTM layers; its backward pass is the same call on the gradient.
#include "kernels/dropout.h"

#include <fmt/format.h>

#include "bench/gpu/case.h"
#include "bench/gpu/dna_model.h"

namespace stroma::bench {
namespace {

std::vector<Case> cases(int64_t batch) {
  const int64_t width = 2 * dna_model::hidden, count = dna_model::positions * batch * width;
  Case c("dropout", fmt::format("[{}, {}, {}]", dna_model::positions, batch, width));
  const auto step = c.integers<int64_t>(1, 1000);
  const auto input = c.input(count);
  const auto output = c.output<float>(count);
  c.run([=](const auto& context, const auto& at) {
    kernels::dropout(context, kernels::Dropout<float>{.count = count,
                                                      .probability = 0.3f,
                                                      .seed = 1,
                                                      .stream = 1,
                                                      .step = at(step),
                                                      .input = at(input),
                                                      .output = at(output)});
  });
  return {c};
}

const Operation operation(cases);

}  // namespace
}  // namespace stroma::bench
