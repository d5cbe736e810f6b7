// Softmax and cross-entropy in one pass, with the gradient of the logits. Of example n, with the
// label y, the example weight s, class weights w and p = softmax(z):
//   v = s · w[y];  v · loss = s · ((1 − ε) w[y] (−log p_y) + ε / C · Σ_c w[c] (−log p_c))
//   v · d loss / d z_c = s · (p_c ((1 − ε) w[y] + ε / C · Σ w) − (1 − ε) w[y] [c = y] − ε / C ·
//   w[c])
// as PyTorch's cross_entropy with label_smoothing = ε; without weights and smoothing −log p_y.
#pragma once

#include "kernels/classification_loss.h"

namespace stroma::kernels {

/// A hit is a label whose logit is the largest, the first on a tie.
template <class T>
void softmax_cross_entropy(const Cpu&, const ClassificationLoss<T>&);
void softmax_cross_entropy(const Cuda&, const ClassificationLoss<float>&);

/// output[n] = softmax(logits[n]); both [batch, classes]; output may be logits.
template <class T>
void softmax(const Cpu&, int64_t batch, int64_t classes, const T* logits, T* output);
void softmax(const Cuda&, int64_t batch, int64_t classes, const float* logits, float* output);

}  // namespace stroma::kernels
