// Pooling by two after the second convolution: maximum, with its ReLU, and average.
#include "kernels/pool1d.h"

#include <fmt/format.h>

#include "bench/gpu/case.h"
#include "bench/gpu/dna_model.h"

namespace stroma::bench {
namespace {

using namespace kernels;

std::vector<Case> cases(int64_t batch) {
  const Pool1dShape s{.length = dna_model::length,
                      .batch = batch,
                      .channels = dna_model::conv2_channels,
                      .window = 2,
                      .stride = 2};
  const int64_t inputs = s.length * batch * s.channels;
  const int64_t outputs = s.out_length() * batch * s.channels;
  const std::string shape = fmt::format("[{}, {}, {}]", s.length, batch, s.channels);

  Case max_forward("max_pool1d_forward", shape);
  {
    const auto input = max_forward.input(inputs);
    const auto output = max_forward.output<float>(outputs);
    max_forward.run([=](const auto& context, const auto& at) {
      max_pool1d_forward(context,
                         MaxPool1dForward<float>{
                             .shape = s, .relu = true, .input = at(input), .output = at(output)});
    });
  }
  Case max_backward("max_pool1d_backward", shape);
  {
    const auto input = max_backward.input(inputs), output = max_backward.input(outputs),
               output_grad = max_backward.input(outputs);
    const auto input_grad = max_backward.output<float>(inputs);
    max_backward.prepare([=](const ArraySet& at) {
      max_pool1d_forward(Cpu{},
                         MaxPool1dForward<float>{
                             .shape = s, .relu = true, .input = at(input), .output = at(output)});
    });
    max_backward.run([=](const auto& context, const auto& at) {
      max_pool1d_backward(context, MaxPool1dBackward<float>{.shape = s,
                                                            .relu = true,
                                                            .input = at(input),
                                                            .output = at(output),
                                                            .output_grad = at(output_grad),
                                                            .input_grad = at(input_grad)});
    });
  }
  Case average_forward("average_pool1d_forward", shape);
  {
    const auto input = average_forward.input(inputs);
    const auto output = average_forward.output<float>(outputs);
    average_forward.run([=](const auto& context, const auto& at) {
      average_pool1d_forward(context, AveragePool1dForward<float>{
                                          .shape = s, .input = at(input), .output = at(output)});
    });
  }
  Case average_backward("average_pool1d_backward", shape);
  {
    const auto output_grad = average_backward.input(outputs);
    const auto input_grad = average_backward.output<float>(inputs);
    average_backward.run([=](const auto& context, const auto& at) {
      average_pool1d_backward(
          context, AveragePool1dBackward<float>{
                       .shape = s, .output_grad = at(output_grad), .input_grad = at(input_grad)});
    });
  }
  return {max_forward, max_backward, average_forward, average_backward};
}

const Operation operation(cases);

}  // namespace
}  // namespace stroma::bench
