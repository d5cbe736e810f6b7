// Attention in 4 heads of 32 channels over the 20 positions after the pool.
#include "kernels/multi_head_attention.h"

#include <fmt/format.h>

#include "bench/gpu/case.h"
#include "bench/gpu/dna_model.h"

namespace stroma::bench {
namespace {

using namespace kernels;

std::vector<Case> cases(int64_t batch) {
  const AttentionShape s{.length = dna_model::positions,
                         .batch = batch,
                         .channels = dna_model::conv2_channels,
                         .heads = 4};
  const int64_t outputs = s.length * batch * s.channels, sums = batch * s.heads * s.length;
  const int64_t product = 2 * outputs * s.length;
  const std::string shape = fmt::format("[{}, {}, {}]", s.length, batch, s.channels);

  Case forward("attention_forward", shape);
  {
    const auto qkv = forward.input(3 * outputs);
    const auto log_sums = forward.output<float>(sums), output = forward.output<float>(outputs);
    forward.flops(2 * product);
    forward.terms(s.head_channels() + s.length);
    forward.run([=](const auto& context, const auto& at) {
      multi_head_attention(context, MultiHeadAttention<float>{.shape = s,
                                                              .qkv = at(qkv),
                                                              .lengths = nullptr,
                                                              .log_sums = at(log_sums),
                                                              .output = at(output)});
    });
  }
  Case backward("attention_backward", shape);
  {
    const auto qkv = backward.input(3 * outputs), output = backward.input(outputs),
               output_grad = backward.input(outputs);
    // About those of random scores: Σ of `length` exponentials of numbers around 0.
    const auto log_sums = backward.input(sums);
    backward.prepare([=](const ArraySet& at) {
      for (int64_t i = 0; i < sums; ++i) at(log_sums)[i] += 3;
    });
    const auto qkv_grad = backward.output<float>(3 * outputs);
    backward.flops(5 * product);
    backward.terms(s.head_channels() + s.length);
    backward.run([=](const auto& context, const auto& at) {
      multi_head_attention_backward(
          context, MultiHeadAttentionBackward<float>{.shape = s,
                                                     .qkv = at(qkv),
                                                     .lengths = nullptr,
                                                     .log_sums = at(log_sums),
                                                     .output = at(output),
                                                     .output_grad = at(output_grad),
                                                     .qkv_grad = at(qkv_grad)});
    });
  }
  return {forward, backward};
}

const Operation operation(cases);

}  // namespace
}  // namespace stroma::bench
