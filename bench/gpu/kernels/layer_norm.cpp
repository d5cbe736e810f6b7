// Layer normalisation of what the second convolution gives.
#include "kernels/layer_norm.h"

#include <fmt/format.h>

#include "bench/gpu/case.h"
#include "bench/gpu/dna_model.h"

namespace stroma::bench {
namespace {

using namespace kernels;

std::vector<Case> cases(int64_t batch) {
  const int64_t rows = dna_model::length * batch, channels = dna_model::conv2_channels;
  const int64_t count = rows * channels;
  const std::string shape = fmt::format("[{}, {}]", rows, channels);

  Case forward("layer_norm_forward", shape);
  {
    const auto input = forward.input(count), weight = forward.input(channels),
               bias = forward.input(channels);
    const auto mean = forward.output<float>(rows), inverse_sd = forward.output<float>(rows);
    const auto output = forward.output<float>(count);
    forward.terms(channels);
    forward.run([=](const auto& context, const auto& at) {
      layer_norm(context, LayerNorm<float>{.rows = rows,
                                           .channels = channels,
                                           .epsilon = 1e-5f,
                                           .input = at(input),
                                           .weight = at(weight),
                                           .bias = at(bias),
                                           .mean = at(mean),
                                           .inverse_sd = at(inverse_sd),
                                           .output = at(output)});
    });
  }
  Case backward("layer_norm_backward", shape);
  {
    const auto input = backward.input(count), weight = backward.input(channels),
               mean = backward.input(rows), inverse_sd = backward.input(rows),
               output_grad = backward.input(count);
    const auto input_grad = backward.output<float>(count);
    const auto weight_grad = backward.updated(channels), bias_grad = backward.updated(channels);
    backward.terms(rows);
    backward.run([=](const auto& context, const auto& at) {
      layer_norm_backward(context, LayerNormBackward<float>{.rows = rows,
                                                            .channels = channels,
                                                            .input = at(input),
                                                            .weight = at(weight),
                                                            .mean = at(mean),
                                                            .inverse_sd = at(inverse_sd),
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
