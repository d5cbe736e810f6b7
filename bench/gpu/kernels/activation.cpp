// Each activation after the first dense layer.
#include "kernels/activation.h"

#include <fmt/format.h>

#include "bench/gpu/case.h"
#include "bench/gpu/dna_model.h"

namespace stroma::bench {
namespace {

using namespace kernels;

std::vector<Case> cases(int64_t batch) {
  const int64_t count = batch * dna_model::fc1_features;
  const std::string shape = fmt::format("[{}, {}]", batch, dna_model::fc1_features);
  std::vector<Case> all;
  const auto add = [&](Activation kind, const std::string& name) {
    Case forward(name + "_forward", shape);
    const auto input = forward.input(count);
    const auto result = forward.output<float>(count);
    forward.run([=](const auto& context, const auto& at) {
      activation_forward(
          context, ActivationForward<float>{
                       .kind = kind, .count = count, .input = at(input), .output = at(result)});
    });
    all.push_back(std::move(forward));

    Case backward(name + "_backward", shape);
    const auto output = backward.input(count), output_grad = backward.input(count);
    const auto input_grad = backward.output<float>(count);
    backward.run([=](const auto& context, const auto& at) {
      activation_backward(context, ActivationBackward<float>{.kind = kind,
                                                             .count = count,
                                                             .output = at(output),
                                                             .output_grad = at(output_grad),
                                                             .input_grad = at(input_grad)});
    });
    all.push_back(std::move(backward));
  };
  add(Activation::relu, "relu");
  add(Activation::tanh, "tanh");
  add(Activation::sigmoid, "sigmoid");
  add(Activation::elu, "elu");
  add(Activation::softplus, "softplus");
  return all;
}

const Operation operation(cases);

}  // namespace
}  // namespace stroma::bench
