// Pooling over all positions of what the second convolution gives.
#include "kernels/global_pool1d.h"

#include <fmt/format.h>

#include "bench/gpu/case.h"
#include "bench/gpu/dna_model.h"

namespace stroma::bench {
namespace {

using namespace kernels;

std::vector<Case> cases(int64_t batch) {
  const int64_t length = dna_model::length, channels = dna_model::conv2_channels;
  const int64_t inputs = length * batch * channels, outputs = batch * channels;
  const std::string shape = fmt::format("[{}, {}, {}]", length, batch, channels);

  Case average("global_average_pool1d_forward", shape);
  {
    const auto input = average.input(inputs);
    const auto output = average.output<float>(outputs);
    average.terms(length);
    average.run([=](const auto& context, const auto& at) {
      global_average_pool1d(context, GlobalAveragePool1d<float>{length, batch, channels, at(input),
                                                                nullptr, at(output)});
    });
  }
  Case average_backward("global_average_pool1d_backward", shape);
  {
    const auto output_grad = average_backward.input(outputs);
    const auto input_grad = average_backward.output<float>(inputs);
    average_backward.run([=](const auto& context, const auto& at) {
      global_average_pool1d_backward(
          context, GlobalAveragePool1dBackward<float>{length, batch, channels, at(output_grad),
                                                      nullptr, at(input_grad)});
    });
  }
  Case max("global_max_pool1d_forward", shape);
  {
    const auto input = max.input(inputs);
    const auto output = max.output<float>(outputs);
    const auto positions = max.output<int32_t>(outputs);
    max.run([=](const auto& context, const auto& at) {
      global_max_pool1d(context, GlobalMaxPool1d<float>{length, batch, channels, at(input), nullptr,
                                                        at(output), at(positions)});
    });
  }
  Case max_backward("global_max_pool1d_backward", shape);
  {
    const auto output_grad = max_backward.input(outputs);
    const auto positions = max_backward.integers<int32_t>(outputs, static_cast<int32_t>(length));
    const auto input_grad = max_backward.output<float>(inputs);
    max_backward.run([=](const auto& context, const auto& at) {
      global_max_pool1d_backward(
          context, GlobalMaxPool1dBackward<float>{length, batch, channels, at(output_grad),
                                                  at(positions), at(input_grad)});
    });
  }
  return {average, average_backward, max, max_backward};
}

const Operation operation(cases);

}  // namespace
}  // namespace stroma::bench
