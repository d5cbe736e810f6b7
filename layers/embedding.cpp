#include "layers/embedding.h"

#include <fmt/format.h>

#include <utility>

#include "engine/dispatch.h"
#include "engine/operand.h"
#include "kernels/embedding.h"
#include "kernels/error.h"
#include "layers/layer_type.h"
#include "layers/sequence_lengths.h"

namespace stroma {

Variable embedding(const Tensor& tokens, const Variable& weight) {
  const Tensor& table = weight.value();
  check_input("an embedding", table, {any, any});
  check_operand("an embedding", "tokens", tokens, {any, any}, DType::int32, table.device());
  const int64_t vocabulary = table.size(0), dim = table.size(1);
  Tensor y = Tensor::empty({tokens.size(0), tokens.size(1), dim}, table.dtype(), table.device());
  dispatch(table, [&]<class T>(const auto& context, T) {
    kernels::embedding(context, kernels::Embedding<T>{.rows = tokens.count(),
                                                      .dim = dim,
                                                      .vocabulary = vocabulary,
                                                      .tokens = tokens.data<int32_t>(),
                                                      .weight = table.data<T>(),
                                                      .output = y.data<T>()});
  });
  return make_result(
      std::move(y), {weight},
      [weight = GradSlot(weight), tokens, vocabulary, dim](const Tensor& output_grad) {
        dispatch(output_grad, [&]<class T>(const auto& context, T) {
          kernels::embedding_backward(
              context,
              kernels::EmbeddingBackward<T>{.rows = tokens.count(),
                                            .dim = dim,
                                            .vocabulary = vocabulary,
                                            .tokens = tokens.data<int32_t>(),
                                            .output_grad = output_grad.data<T>(),
                                            .weight_grad = weight.grad_to_add_to().data<T>()});
        });
      });
}

namespace {

/// PyTorch's numbers of mean 0 and variance 1, or Keras' uniform up to 0.05; row 0 is zeros.
Tensor initial_table(int64_t vocabulary, int64_t dim, InitialWeights& init) {
  const Shape shape{vocabulary, dim};
  Tensor table = init.scheme == Init::keras ? uniform_parameter(shape, 0.05, init)
                                            : normal_parameter(shape, init);
  table.rows(0, 1).zero();
  return table;
}

class Embedding : public Layer {
 public:
  Embedding(int64_t vocabulary, int64_t dim, InitialWeights& init)
      : weight_(register_parameter("weight", initial_table(vocabulary, dim, init))) {}
  Signal apply(std::span<const Signal> inputs) override {
    const Signal& input = inputs[0];
    const Variable y = embedding(input.x.value(), weight_);
    // Padding is token 0, of which a table from elsewhere may have a row that is not zeros.
    if (!input.lengths.defined()) return {y};
    return {mask_positions(y, input.lengths), input.lengths};
  }

 private:
  Variable weight_;  // [vocabulary, dim]
};

Flow flow_of(const LayerSpec& layer, Flows inputs) {
  Flow flow = inputs[0];
  if (flow.vocabulary == 0) {
    throw Error("it reads k-mer tokens, and what comes before gives " + flow.text() +
                "; say encoding = \"kmer_tokens\" and let it be the first layer");
  }
  flow.vocabulary = 0;
  flow.channels = layer.integer("embedding_dim");
  return flow;
}

}  // namespace

LayerType embedding_layer() {
  return {
      .name = "embedding",
      .help = "a vector for each k-mer token; that of token 0, which is no k-mer, is not trained",
      .keys = {{.name = "embedding_dim",
                .allowed = Whole{1},
                .help = "channels of the vectors; there are as many vectors as there are tokens"}},
      .has_parameters = true,
      .reads_tokens = true,
      .turns = "k-mer tokens",
      .into = "sequence",
      .padding = "is zeros",
      .flow = flow_of,
      .build = [](const LayerSpec& layer, Flows inputs,
                  LayerBuild& with) -> std::unique_ptr<Layer> {
        return std::make_unique<Embedding>(inputs[0].vocabulary, layer.integer("embedding_dim"),
                                           with.init);
      },
      .keras =
          [](const LayerSpec&) {
            return std::vector<KerasWeight>{{.name = "/embeddings", .ours = {"weight"}}};
          },
  };
}

}  // namespace stroma
