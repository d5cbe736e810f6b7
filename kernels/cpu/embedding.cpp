#include "kernels/embedding.h"

#include <algorithm>

#include "kernels/parallel.h"

namespace stroma::kernels {
namespace {

constexpr int64_t channel_block = 16;  // of a piece of the backward pass: a cache line

}  // namespace

template <class T>
void embedding(const Cpu&, const Embedding<T>& p) {
  in_chunks(p.rows, std::max<int64_t>(1, (1 << 14) / p.dim), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      STROMA_ASSERT(p.tokens[i] >= 0 && p.tokens[i] < p.vocabulary, "a token is in the vocabulary");
      std::copy_n(p.weight + p.tokens[i] * p.dim, p.dim, p.output + i * p.dim);
    }
  });
}

// Pieces are cut along the channels, so that each adds to elements of its own, in the order of the
// rows.
template <class T>
void embedding_backward(const Cpu&, const EmbeddingBackward<T>& p) {
  in_chunks(p.dim, channel_block, [&](int64_t begin, int64_t end) {
    const int64_t width = end - begin;
    for (int64_t i = 0; i < p.rows; ++i) {
      if (p.tokens[i] == 0) continue;
      const T* const dy = p.output_grad + i * p.dim + begin;
      T* const sum = p.weight_grad + p.tokens[i] * p.dim + begin;
      if (width == channel_block) {  // a constant width makes it one vector
#pragma omp simd
        for (int64_t c = 0; c < channel_block; ++c) sum[c] += dy[c];
      } else {
        for (int64_t c = 0; c < width; ++c) sum[c] += dy[c];
      }
    }
  });
}

template void embedding<float>(const Cpu&, const Embedding<float>&);
template void embedding<double>(const Cpu&, const Embedding<double>&);
template void embedding_backward<float>(const Cpu&, const EmbeddingBackward<float>&);
template void embedding_backward<double>(const Cpu&, const EmbeddingBackward<double>&);

}  // namespace stroma::kernels
