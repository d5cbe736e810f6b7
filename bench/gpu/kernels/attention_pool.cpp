// Pooling by attention over the 20 positions of both directions' outputs.
#include "kernels/attention_pool.h"

#include <fmt/format.h>

#include "bench/gpu/case.h"
#include "bench/gpu/dna_model.h"

namespace stroma::bench {
namespace {

using namespace kernels;

std::vector<Case> cases(int64_t batch) {
  const int64_t length = dna_model::positions, channels = 2 * dna_model::hidden;
  const int64_t rows = length * batch, inputs = rows * channels, outputs = batch * channels;
  const std::string shape = fmt::format("[{}, {}, {}]", length, batch, channels);
  Case forward("attention_pool_forward", shape);
  {
    const auto input = forward.input(inputs), scores = forward.input(rows);
    const auto weights = forward.output<float>(rows), output = forward.output<float>(outputs);
    forward.flops(2 * inputs);
    forward.terms(length);
    forward.run([=](const auto& context, const auto& at) {
      attention_pool(context, AttentionPool<float>{.length = length,
                                                   .batch = batch,
                                                   .channels = channels,
                                                   .input = at(input),
                                                   .scores = at(scores),
                                                   .lengths = nullptr,
                                                   .weights = at(weights),
                                                   .output = at(output)});
    });
  }
  Case backward("attention_pool_backward", shape);
  {
    const auto input = backward.input(inputs), weights = backward.input(rows),
               output = backward.input(outputs), output_grad = backward.input(outputs);
    const auto input_grad = backward.output<float>(inputs);
    const auto scores_grad = backward.output<float>(rows);
    backward.flops(3 * inputs);
    backward.terms(channels);
    backward.run([=](const auto& context, const auto& at) {
      attention_pool_backward(context,
                              AttentionPoolBackward<float>{.length = length,
                                                           .batch = batch,
                                                           .channels = channels,
                                                           .input = at(input),
                                                           .output = at(output),
                                                           .weights = at(weights),
                                                           .output_grad = at(output_grad),
                                                           .input_grad = at(input_grad),
                                                           .scores_grad = at(scores_grad)});
    });
  }
  return {forward, backward};
}

const Operation operation(cases);

}  // namespace
}  // namespace stroma::bench
