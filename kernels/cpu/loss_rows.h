// The losses of kernels/classification_loss.h on the CPU: the rows are shared among threads; what
// they add up to is summed afterwards in the order of the rows.
#pragma once

#include <algorithm>
#include <cstdint>

#include "kernels/classification_loss.h"
#include "kernels/memory.h"
#include "kernels/parallel.h"

namespace stroma::kernels {

/// What a row adds to the loss and to the hits.
struct RowResult {
  double loss;  // v_n · loss_n
  double hit;   // 0 or 1
};

template <class T>
T row_maximum(const T* z, int64_t classes) {
  T maximum = z[0];
#pragma omp simd reduction(max : maximum)
  for (int64_t c = 0; c < classes; ++c) maximum = z[c] > maximum ? z[c] : maximum;
  return maximum;
}

template <class T>
double example_weight(const ClassificationLoss<T>& l, int64_t n) {
  return l.example_weights != nullptr ? l.example_weights[n] : 1;
}

/// The weight of an example whose label is one class.
template <class T>
double labelled_weight(const ClassificationLoss<T>& l, int64_t n) {
  STROMA_ASSERT(l.labels[n] >= 0 && l.labels[n] < l.classes, "a label lies in [0, classes)");
  const double weight = l.class_weights != nullptr ? l.class_weights[l.labels[n]] : T{1};
  return weight * example_weight(l, n);
}

/// weight_of(n) is v_n; row(n, scale) writes the gradient of row n and gives its RowResult, where
/// scale(v) is what a gradient of weight v is multiplied by.
template <class T, class WeightOf, class Row>
void loss_of_rows(const Cpu& cpu, const ClassificationLoss<T>& l, const WeightOf& weight_of,
                  const Row& row) {
  l.check();
  double total = 0;
  for (int64_t n = 0; n < l.batch; ++n) total += weight_of(n);
  const auto scale = [total, share = l.share](double weight) {
    return total > 0 ? weight * share / total : 0;
  };
  Workspace<RowResult, Cpu> workspace(cpu, l.batch);
  RowResult* results = workspace.data();  // [batch]
  in_chunks(l.batch, std::max<int64_t>(1, 4096 / l.classes), [&](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; ++n) results[n] = row(n, scale);
  });
  double loss = 0, hits = 0;
  for (int64_t n = 0; n < l.batch; ++n) {
    loss += results[n].loss;
    hits += results[n].hit;
  }
  loss = total > 0 ? loss / total : 0;
  *l.loss = static_cast<T>(loss * l.share);
  if (l.statistics != nullptr) {
    l.statistics[0] += loss * static_cast<double>(l.batch);
    l.statistics[1] += hits;
  }
}

}  // namespace stroma::kernels
