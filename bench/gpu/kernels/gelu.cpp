// GELU after the first dense layer.
#include "kernels/gelu.h"

#include <fmt/format.h>

#include "bench/gpu/case.h"
#include "bench/gpu/dna_model.h"

namespace stroma::bench {
namespace {

using namespace kernels;

std::vector<Case> cases(int64_t batch) {
  const int64_t count = batch * dna_model::fc1_features;
  const std::string shape = fmt::format("[{}, {}]", batch, dna_model::fc1_features);
  Case forward("gelu_forward", shape);
  {
    const auto input = forward.input(count);
    const auto output = forward.output<float>(count);
    forward.run([=](const auto& context, const auto& at) {
      gelu(context, Gelu<float>{false, count, at(input), at(output)});
    });
  }
  Case backward("gelu_backward", shape);
  {
    const auto input = backward.input(count), output_grad = backward.input(count);
    const auto input_grad = backward.output<float>(count);
    backward.run([=](const auto& context, const auto& at) {
      gelu_backward(context,
                    GeluBackward<float>{false, count, at(input), at(output_grad), at(input_grad)});
    });
  }
  return {forward, backward};
}

const Operation operation(cases);

}  // namespace
}  // namespace stroma::bench
