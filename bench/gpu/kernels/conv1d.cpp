// The second convolution: 64 to 128 channels over 40 positions.
#include "kernels/conv1d.h"

#include <fmt/format.h>

#include "bench/gpu/case.h"
#include "bench/gpu/dna_model.h"

namespace stroma::bench {
namespace {

using namespace kernels;

std::vector<Case> cases(int64_t batch) {
  const Conv1dShape s{.length = dna_model::length,
                      .batch = batch,
                      .in_channels = dna_model::conv1_channels,
                      .out_channels = dna_model::conv2_channels,
                      .kernel_size = dna_model::kernel_size,
                      .padding = 1};
  const int64_t inputs = s.length * batch * s.in_channels;
  const int64_t outputs = s.out_length() * batch * s.out_channels;
  const int64_t weights = s.out_channels * s.in_channels * s.kernel_size;
  const int64_t product = 2 * outputs * s.in_channels * s.kernel_size;
  const float bound = 0.07f;  // 1 / √(in_channels · kernel_size), PyTorch's initial weights
  const std::string shape =
      fmt::format("[{}, {}, {}] to {}", s.length, batch, s.in_channels, s.out_channels);

  Case forward("conv1d_forward", shape);
  {
    const auto input = forward.input(inputs), weight = forward.input(weights, bound),
               bias = forward.input(s.out_channels, bound);
    const auto output = forward.output<float>(outputs);
    forward.flops(product);
    forward.terms(s.in_channels * s.kernel_size);
    forward.run([=](const auto& context, const auto& at) {
      conv1d_forward(context, Conv1dForward<float>{.shape = s,
                                                   .input = at(input),
                                                   .weight = at(weight),
                                                   .bias = at(bias),
                                                   .output = at(output)});
    });
  }
  Case backward("conv1d_backward", shape);
  {
    const auto input = backward.input(inputs), weight = backward.input(weights, bound),
               output_grad = backward.input(outputs);
    const auto input_grad = backward.output<float>(inputs);
    const auto weight_grad = backward.updated(weights),
               bias_grad = backward.updated(s.out_channels);
    backward.flops(2 * product);
    backward.terms(s.out_length() * batch);
    backward.run([=](const auto& context, const auto& at) {
      conv1d_backward(context, Conv1dBackward<float>{.shape = s,
                                                     .input = at(input),
                                                     .weight = at(weight),
                                                     .output_grad = at(output_grad),
                                                     .input_grad = at(input_grad),
                                                     .weight_grad = at(weight_grad),
                                                     .bias_grad = at(bias_grad)});
    });
  }
  return {forward, backward};
}

const Operation operation(cases);

}  // namespace
}  // namespace stroma::bench
