// Batch normalisation of what the second convolution gives, in training.
#include "kernels/batch_norm1d.h"

#include <fmt/format.h>

#include "bench/gpu/case.h"
#include "bench/gpu/dna_model.h"

namespace stroma::bench {
namespace {

using namespace kernels;

std::vector<Case> cases(int64_t batch) {
  const int64_t length = dna_model::length, channels = dna_model::conv2_channels;
  const int64_t count = length * batch * channels;
  const std::string shape = fmt::format("[{}, {}, {}]", length, batch, channels);

  Case forward("batch_norm1d_forward", shape);
  {
    const auto input = forward.input(count), weight = forward.input(channels),
               bias = forward.input(channels);
    const auto running_mean = forward.updated(channels),
               running_variance = forward.updated(channels);
    const auto batches = forward.updated_integers<int64_t>(1, 1000);
    const auto mean = forward.output<float>(channels), inverse_sd = forward.output<float>(channels);
    const auto share = forward.output<float>(1), output = forward.output<float>(count);
    forward.terms(length * batch);
    forward.run([=](const auto& context, const auto& at) {
      batch_norm1d(context, BatchNorm1d<float>{.length = length,
                                               .batch = batch,
                                               .channels = channels,
                                               .training = true,
                                               .epsilon = 1e-5f,
                                               .momentum = 0.1f,
                                               .input = at(input),
                                               .lengths = nullptr,
                                               .weight = at(weight),
                                               .bias = at(bias),
                                               .running_mean = at(running_mean),
                                               .running_variance = at(running_variance),
                                               .batches = at(batches),
                                               .mean = at(mean),
                                               .inverse_sd = at(inverse_sd),
                                               .share = at(share),
                                               .output = at(output)});
    });
  }
  Case backward("batch_norm1d_backward", shape);
  {
    const auto input = backward.input(count), weight = backward.input(channels),
               mean = backward.input(channels), inverse_sd = backward.input(channels),
               share = backward.input(1, 1e-3f), output_grad = backward.input(count);
    const auto input_grad = backward.output<float>(count);
    const auto weight_grad = backward.updated(channels), bias_grad = backward.updated(channels);
    backward.terms(length * batch);
    backward.run([=](const auto& context, const auto& at) {
      batch_norm1d_backward(context, BatchNorm1dBackward<float>{.length = length,
                                                                .batch = batch,
                                                                .channels = channels,
                                                                .input = at(input),
                                                                .lengths = nullptr,
                                                                .weight = at(weight),
                                                                .mean = at(mean),
                                                                .inverse_sd = at(inverse_sd),
                                                                .share = at(share),
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
