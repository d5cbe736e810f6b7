// The update rules over all parameters of the model; the batch does not matter to them.
#include "kernels/optimizer.h"

#include <fmt/format.h>

#include "bench/gpu/case.h"
#include "bench/gpu/dna_model.h"

namespace stroma::bench {
namespace {

std::vector<Case> cases(int64_t) {
  const int64_t count = dna_model::parameters;
  const std::string shape = fmt::format("{} parameters", count);

  Case adam("adam_step", shape);
  {
    const auto parameters = adam.updated(count), gradients = adam.input(count),
               first_moment = adam.updated(count), second_moment = adam.updated(count),
               learning_rate = adam.input(1, 5e-4f);
    const auto step = adam.integers<int64_t>(1, 1000);
    adam.prepare([=](const ArraySet& at) {  // a mean of squares
      for (int64_t i = 0; i < count; ++i) at(second_moment)[i] *= at(second_moment)[i];
    });
    adam.flops(15 * count);
    adam.run([=](const auto& context, const auto& at) {
      kernels::adam_step(context, kernels::Adam<float>{.count = count,
                                                       .parameters = at(parameters),
                                                       .gradients = at(gradients),
                                                       .first_moment = at(first_moment),
                                                       .second_moment = at(second_moment),
                                                       .learning_rate = at(learning_rate),
                                                       .step = at(step),
                                                       .gradient_scale = nullptr});
    });
  }
  Case sgd("sgd_step", shape + ", momentum");
  {
    const auto parameters = sgd.updated(count), gradients = sgd.input(count),
               momentum_buffer = sgd.updated(count), learning_rate = sgd.input(1, 0.01f);
    const auto step = sgd.integers<int64_t>(1, 1000);
    sgd.flops(4 * count);
    sgd.run([=](const auto& context, const auto& at) {
      kernels::sgd_step(context, kernels::Sgd<float>{.count = count,
                                                     .parameters = at(parameters),
                                                     .gradients = at(gradients),
                                                     .momentum_buffer = at(momentum_buffer),
                                                     .learning_rate = at(learning_rate),
                                                     .step = at(step),
                                                     .gradient_scale = nullptr,
                                                     .momentum = 0.9});
    });
  }
  Case clip("clip_scale", "1 element");
  {
    const auto sum_of_squares = clip.input(1);
    const auto scale = clip.output<float>(1);
    clip.prepare([=](const ArraySet& at) { at(sum_of_squares)[0] = 9; });
    clip.run([=](const auto& context, const auto& at) {
      kernels::clip_scale(context, at(sum_of_squares), 1.0, at(scale));
    });
  }
  return {adam, sgd, clip};
}

const Operation operation(cases);

}  // namespace
}  // namespace stroma::bench
