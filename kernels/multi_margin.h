// The hinge loss of a linear support-vector machine with several classes. Of example n with the
// label y, the example weight s and class weights w:
//   v = s · w[y];  loss = Σ_{c ≠ y} max(0, 1 − z_y + z_c) ÷ C
//   d loss / d z_c = [1 − z_y + z_c > 0] ÷ C for c ≠ y, and for y minus their sum
// PyTorch's multi_margin_loss, except that with weights the mean is the weighted one.
#pragma once

#include "kernels/classification_loss.h"

namespace stroma::kernels {

/// A hit is a label whose logit is the largest, the first on a tie. Knows no label smoothing.
template <class T>
void multi_margin(const Cpu&, const ClassificationLoss<T>&);
void multi_margin(const Cuda&, const ClassificationLoss<float>&);

}  // namespace stroma::kernels
