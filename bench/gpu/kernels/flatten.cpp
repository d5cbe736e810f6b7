// A sequence to one vector an example, and back: 20 positions of 128 channels.
#include "kernels/flatten.h"

#include <fmt/format.h>

#include "bench/gpu/case.h"
#include "bench/gpu/dna_model.h"

namespace stroma::bench {
namespace {

std::vector<Case> cases(int64_t batch) {
  const int64_t length = dna_model::positions, channels = dna_model::conv2_channels;
  const int64_t count = length * batch * channels;
  std::vector<Case> all;
  for (const bool back : {false, true}) {
    Case c(back ? "unflatten" : "flatten", fmt::format("[{}, {}, {}]", length, batch, channels));
    const auto input = c.input(count);
    const auto output = c.output<float>(count);
    c.run([=](const auto& context, const auto& at) {
      const kernels::Flatten<float> arguments{.length = length,
                                              .batch = batch,
                                              .channels = channels,
                                              .input = at(input),
                                              .output = at(output)};
      back ? kernels::unflatten(context, arguments) : kernels::flatten(context, arguments);
    });
    all.push_back(std::move(c));
  }
  return all;
}

const Operation operation(cases);

}  // namespace
}  // namespace stroma::bench
