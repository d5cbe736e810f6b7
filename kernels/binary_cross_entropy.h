// Cross-entropy of answers of yes or no: one logit for each question to an example. With the label
// t = 0 or 1, u = t (1 − ε) + ε / 2, the example weight s and the weights w of the two labels:
//   v · loss = Σ_c s · w[t_c] · (u_c · log(1 + e^−z_c) + (1 − u_c) · log(1 + e^z_c))
//   v · d loss / d z_c = s · w[t_c] · (σ(z_c) − u_c),  v = Σ_c s · w[t_c]
// without weights PyTorch's binary_cross_entropy_with_logits; ε as Keras' label_smoothing.
#pragma once

#include "kernels/classification_loss.h"

namespace stroma::kernels {

/// labels: [batch, classes], 0 or 1; class_weights: [2]. A hit is an example of which each answer
/// is right, yes where z > 0.
template <class T>
void binary_cross_entropy(const Cpu&, const ClassificationLoss<T>&);
void binary_cross_entropy(const Cuda&, const ClassificationLoss<float>&);

/// output[n] = (1 − σ(z[n]), σ(z[n])): logits [batch], output [batch, 2].
template <class T>
void binary_probabilities(const Cpu&, int64_t batch, const T* logits, T* output);
void binary_probabilities(const Cuda&, int64_t batch, const float* logits, float* output);

}  // namespace stroma::kernels
