// Vectors of 128 channels for the 6-mers of 40 letters.
#include "kernels/embedding.h"

#include <fmt/format.h>

#include "bench/gpu/case.h"
#include "bench/gpu/dna_model.h"

namespace stroma::bench {
namespace {

using namespace kernels;

std::vector<Case> cases(int64_t batch) {
  const int64_t rows = (dna_model::length - 5) * batch, dim = 128, vocabulary = 4097;
  const std::string shape = fmt::format("[{}, {}] of {}", rows, dim, vocabulary);
  Case forward("embedding_forward", shape);
  {
    const auto tokens = forward.integers<int32_t>(rows, vocabulary);
    const auto weight = forward.input(vocabulary * dim);
    const auto output = forward.output<float>(rows * dim);
    forward.run([=](const auto& context, const auto& at) {
      embedding(context, Embedding<float>{.rows = rows,
                                          .dim = dim,
                                          .vocabulary = vocabulary,
                                          .tokens = at(tokens),
                                          .weight = at(weight),
                                          .output = at(output)});
    });
  }
  Case backward("embedding_backward", shape);
  {
    const auto tokens = backward.integers<int32_t>(rows, vocabulary);
    const auto output_grad = backward.input(rows * dim);
    const auto weight_grad = backward.updated(vocabulary * dim);
    backward.run([=](const auto& context, const auto& at) {
      embedding_backward(context, EmbeddingBackward<float>{.rows = rows,
                                                           .dim = dim,
                                                           .vocabulary = vocabulary,
                                                           .tokens = at(tokens),
                                                           .output_grad = at(output_grad),
                                                           .weight_grad = at(weight_grad)});
    });
  }
  return {forward, backward};
}

const Operation operation(cases);

}  // namespace
}  // namespace stroma::bench
