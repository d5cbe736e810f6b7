// Rows of a table on the GPU. For the gradient the places are sorted by their tokens, each token's
// in their order, so that one warp adds up what belongs to a row of the table, and no other writes
// there.
#include <bit>

#include "kernels/cuda/elements.h"
#include "kernels/cuda/sort.h"
#include "kernels/embedding.h"
#include "kernels/memory.h"

namespace stroma::kernels {
namespace {

struct Look {
  Embedding<float> p;
  __device__ void operator()(int64_t i, int64_t c) const {
    STROMA_ASSERT(p.tokens[i] >= 0 && p.tokens[i] < p.vocabulary, "a token is in the vocabulary");
    p.output[i * p.dim + c] = p.weight[p.tokens[i] * p.dim + c];
  }
};

struct Number {
  const int32_t* tokens;
  uint64_t* keys;
  uint32_t* places;
  __device__ void operator()(int64_t i) const {
    keys[i] = static_cast<uint64_t>(tokens[i]);
    places[i] = static_cast<uint32_t>(i);
  }
};

/// Of the sorted places the first one of each token's adds up the gradients of all of them.
struct AddRuns {
  EmbeddingBackward<float> p;
  const uint64_t* keys;    // [rows], sorted
  const uint32_t* places;  // [rows]
  __device__ void operator()(int64_t first, int64_t c) const {
    const uint64_t token = keys[first];
    if (token == 0 || (first > 0 && keys[first - 1] == token)) return;
    float sum = 0;
    for (int64_t i = first; i < p.rows && keys[i] == token; ++i) {
      sum += p.output_grad[places[i] * p.dim + c];
    }
    p.weight_grad[static_cast<int64_t>(token) * p.dim + c] += sum;
  }
};

}  // namespace

void embedding(const Cuda& cuda, const Embedding<float>& p) {
  for_each_of_rows(cuda, p.rows, p.dim, Look{p});
}

void embedding_backward(const Cuda& cuda, const EmbeddingBackward<float>& p) {
  if (p.rows == 0) return;
  Workspace<uint64_t, Cuda> keys(cuda, p.rows), sorted_keys(cuda, p.rows);
  Workspace<uint32_t, Cuda> places(cuda, p.rows), sorted_places(cuda, p.rows);
  for_each_element(cuda, p.rows, Number{p.tokens, keys.data(), places.data()});
  sort(cuda,
       {.count = p.rows,
        .keys = keys.data(),
        .values = places.data(),
        .sorted_keys = sorted_keys.data(),
        .sorted_values = sorted_places.data(),
        .end_bit = static_cast<int>(std::bit_width(static_cast<uint64_t>(p.vocabulary - 1)))});
  for_each_of_rows(cuda, p.rows, p.dim, AddRuns{p, sorted_keys.data(), sorted_places.data()});
}

}  // namespace stroma::kernels
