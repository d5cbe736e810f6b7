// Softmax and cross-entropy in one pass, with the gradient of the logits:
//   loss = Σ_n w[y_n] · (log Σ_c exp z[n, c] − z[n, y_n]) ÷ Σ_n w[y_n]
//   d loss / d z[n, c] = w[y_n] · (softmax(z[n])_c − [c = y_n]) ÷ Σ_n w[y_n]
// the weighted mean of PyTorch; w = 1 without class weights.
#pragma once

#include <cstdint>

#include "kernels/check.h"
#include "kernels/context.h"

namespace stroma::kernels {

template <class T>
struct SoftmaxCrossEntropy {
  int64_t batch, classes;
  const T* logits;         // [batch, classes]
  const int32_t* labels;   // [batch], each in [0, classes)
  const T* class_weights;  // [classes], or nullptr
  T* loss;                 // [1], written
  T* logits_grad;          // [batch, classes], written; nullptr where nobody asks
  double* statistics;  // [2]: loss · batch and the number of hits (argmax, the first on a tie),
                       // both added to; or nullptr

  void check() const {
    STROMA_ASSERT(batch >= 1 && classes >= 1, "there are examples and classes");
    STROMA_ASSERT(logits && labels && loss, "logits, labels and loss are there");
  }
};

template <class T>
void softmax_cross_entropy(const Cpu&, const SoftmaxCrossEntropy<T>&);
void softmax_cross_entropy(const Cuda&, const SoftmaxCrossEntropy<float>&);

/// output[n] = softmax(logits[n]); both [batch, classes]; output may be logits.
template <class T>
void softmax(const Cpu&, int64_t batch, int64_t classes, const T* logits, T* output);
void softmax(const Cuda&, int64_t batch, int64_t classes, const float* logits, float* output);

}  // namespace stroma::kernels
