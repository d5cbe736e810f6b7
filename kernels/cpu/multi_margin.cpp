// The hinge loss of several classes on the CPU.
#include "kernels/multi_margin.h"

#include <algorithm>

#include "kernels/cpu/loss_rows.h"

namespace stroma::kernels {

template <class T>
void multi_margin(const Cpu& cpu, const ClassificationLoss<T>& l) {
  const auto classes = static_cast<double>(l.classes);
  const auto row = [&](int64_t n, const auto& scale_of) {
    const T* z = l.logits + n * l.classes;
    T* grad = l.logits_grad != nullptr ? l.logits_grad + n * l.classes : nullptr;
    const int32_t label = l.labels[n];
    const double weight = labelled_weight(l, n);
    const T step = static_cast<T>(scale_of(weight) / classes);
    double sum = 0;
    int64_t within = 0;  // classes that come too near to the label's
    for (int64_t c = 0; c < l.classes; ++c) {
      const double margin = 1 - static_cast<double>(z[label]) + static_cast<double>(z[c]);
      const bool counts = c != label && !(margin <= 0);  // so that a NaN reaches the loss
      if (counts) sum += margin;
      within += counts;
      if (grad != nullptr) grad[c] = counts ? step : T{0};
    }
    if (grad != nullptr) grad[label] = -static_cast<T>(within) * step;
    const T maximum = row_maximum(z, l.classes);
    const bool hit = z[label] == maximum && std::find(z, z + label, maximum) == z + label;
    return RowResult{weight * (sum / classes), hit ? 1.0 : 0.0};
  };
  loss_of_rows(
      cpu, l, [&l](int64_t n) { return labelled_weight(l, n); }, row);
}

template void multi_margin<float>(const Cpu&, const ClassificationLoss<float>&);
template void multi_margin<double>(const Cpu&, const ClassificationLoss<double>&);

}  // namespace stroma::kernels
