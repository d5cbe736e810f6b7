// Where each of the 20 positions after the pool is, added to its 128 channels.
#include "kernels/positional_encoding.h"

#include <fmt/format.h>

#include "bench/gpu/case.h"
#include "bench/gpu/dna_model.h"

namespace stroma::bench {
namespace {

using namespace kernels;

std::vector<Case> cases(int64_t batch) {
  const int64_t length = dna_model::positions, channels = dna_model::conv2_channels;
  Case add("positional_encoding", fmt::format("[{}, {}, {}]", length, batch, channels));
  const auto input = add.input(length * batch * channels), encoding = add.input(length * channels);
  const auto output = add.output<float>(length * batch * channels);
  add.run([=](const auto& context, const auto& at) {
    positional_encoding(context, PositionalEncoding<float>{.length = length,
                                                           .batch = batch,
                                                           .channels = channels,
                                                           .input = at(input),
                                                           .encoding = at(encoding),
                                                           .lengths = nullptr,
                                                           .output = at(output)});
  });
  return {add};
}

const Operation operation(cases);

}  // namespace
}  // namespace stroma::bench
