// The first convolution, from letters, standardised and with ReLU; and the input written out.
#include "kernels/conv1d_letters.h"

#include <fmt/format.h>

#include "bench/gpu/case.h"
#include "bench/gpu/dna_model.h"

namespace stroma::bench {
namespace {

using namespace kernels;

/// Letters, windows and their standardisation.
struct Letters {
  Letters(Case& c, int64_t batch)
      : codes(c.integers<uint8_t>(dna_model::all_letters, dna_model::letters)),
        starts(c.integers<int64_t>(batch, dna_model::all_letters - dna_model::length)),
        mean(c.input(dna_model::length * dna_model::letters)),
        inverse_sd(c.input(dna_model::length * dna_model::letters)) {
    const int64_t read = batch * dna_model::length;
    if (read < dna_model::all_letters) c.leave_out(dna_model::all_letters - read);
  }

  LetterWindows windows(const ArraySet& at) const { return {at(codes), at(starts)}; }
  Standardization<float> standardization(const ArraySet& at) const {
    return {at(mean), at(inverse_sd)};
  }

  Array<uint8_t> codes;
  Array<int64_t> starts;
  Array<float> mean, inverse_sd;
};

std::vector<Case> cases(int64_t batch) {
  const Conv1dShape s{.length = dna_model::length,
                      .batch = batch,
                      .in_channels = dna_model::letters,
                      .out_channels = dna_model::conv1_channels,
                      .kernel_size = dna_model::kernel_size,
                      .padding = 1};
  const int64_t outputs = s.out_length() * batch * s.out_channels;
  const int64_t weights = s.out_channels * s.in_channels * s.kernel_size;
  const float bound = 0.29f;  // 1 / √(in_channels · kernel_size), PyTorch's initial weights
  const std::string shape = fmt::format("{} x {} letters to {}", batch, s.length, s.out_channels);

  Case forward("conv1d_letters_forward", shape);
  {
    const Letters letters(forward, batch);
    const auto weight = forward.input(weights, bound), bias = forward.input(s.out_channels, bound);
    const auto output = forward.output<float>(outputs);
    forward.flops(outputs * s.kernel_size);  // additions of table rows
    forward.run([=](const auto& context, const auto& at) {
      conv1d_letters_forward(
          context, Conv1dLettersForward<float>{.shape = s,
                                               .windows = letters.windows(at),
                                               .standardization = letters.standardization(at),
                                               .weight = at(weight),
                                               .bias = at(bias),
                                               .relu = true,
                                               .output = at(output)});
    });
  }
  Case backward("conv1d_letters_backward", shape);
  {
    const Letters letters(backward, batch);
    const auto output = backward.input(outputs), output_grad = backward.input(outputs);
    const auto weight_grad = backward.updated(weights),
               bias_grad = backward.updated(s.out_channels);
    backward.flops(outputs * s.kernel_size);
    backward.terms(s.out_length() * batch);
    backward.run([=](const auto& context, const auto& at) {
      conv1d_letters_backward(
          context, Conv1dLettersBackward<float>{.shape = s,
                                                .windows = letters.windows(at),
                                                .standardization = letters.standardization(at),
                                                .relu = true,
                                                .output = at(output),
                                                .output_grad = at(output_grad),
                                                .weight_grad = at(weight_grad),
                                                .bias_grad = at(bias_grad)});
    });
  }
  Case written_out("one_hot", fmt::format("{} x {} letters", batch, s.length));
  {
    const Letters letters(written_out, batch);
    const auto output = written_out.output<float>(s.length * batch * s.in_channels);
    written_out.run([=](const auto& context, const auto& at) {
      one_hot(context, OneHot<float>{.length = s.length,
                                     .batch = batch,
                                     .letters = s.in_channels,
                                     .windows = letters.windows(at),
                                     .standardization = letters.standardization(at),
                                     .output = at(output)});
    });
  }
  return {forward, backward, written_out};
}

const Operation operation(cases);

}  // namespace
}  // namespace stroma::bench
