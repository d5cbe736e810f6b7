// The matrix products around the recurrence and of the first dense layer.
#include <utility>

#include "bench/gpu/dna_model.h"
#include "bench/gpu/product.h"

namespace stroma::bench {
namespace {

std::vector<Case> cases(int64_t batch) {
  const int64_t rows = dna_model::positions * batch;
  const int64_t gates = 4 * dna_model::hidden, width = 2 * dna_model::hidden;
  const std::vector<std::pair<std::string, Product>> products = {
      {"gemm_gates_layer1", {false, true, rows, gates, dna_model::conv2_channels, 0}},
      {"gemm_gates_layer2", {false, true, rows, gates, width, 0}},
      {"gemm_weight_grad_hh", {true, false, gates, dna_model::hidden, rows - batch, 1}},
      {"gemm_weight_grad_ih", {true, false, gates, width, rows, 1}},
      {"gemm_input_grad", {false, false, rows, width, gates, 0}},
      {"gemm_fc1", {false, true, batch, dna_model::fc1_features, width, 1}}};
  std::vector<Case> all;
  for (const auto& [name, product] : products) {
    for (const Precision precision : precisions) {
      all.push_back(product_case(name, product, precision));
    }
  }
  return all;
}

const Operation operation(cases);

}  // namespace
}  // namespace stroma::bench
