// Rows of a table by their numbers:
//   y[i, :] = weight[token[i], :]        dweight[m, :] += Σ_{i with token m} dy[i, :]   for m > 0
// Token 0 is what is none of the vocabulary; its row gets no gradient (PyTorch: padding_idx = 0).
#pragma once

#include <cstdint>

#include "kernels/check.h"
#include "kernels/context.h"

namespace stroma::kernels {

template <class T>
struct Embedding {
  int64_t rows, dim, vocabulary;  // the last with token 0
  const int32_t* tokens;          // [rows]
  const T* weight;                // [vocabulary, dim]
  T* output;                      // [rows, dim]
};

template <class T>
struct EmbeddingBackward {
  int64_t rows, dim, vocabulary;
  const int32_t* tokens;  // [rows]
  const T* output_grad;   // [rows, dim]
  T* weight_grad;         // [vocabulary, dim], added to
};

template <class T>
void embedding(const Cpu&, const Embedding<T>&);
template <class T>
void embedding_backward(const Cpu&, const EmbeddingBackward<T>&);

void embedding(const Cuda&, const Embedding<float>&);
void embedding_backward(const Cuda&, const EmbeddingBackward<float>&);

}  // namespace stroma::kernels
