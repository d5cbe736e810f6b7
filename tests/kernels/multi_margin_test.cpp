#include "kernels/multi_margin.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "tests/kernels/classification_loss.h"

namespace stroma::kernels {
namespace {

const auto margin = [](const auto& context, const auto& l) { multi_margin(context, l); };

/// The margins are computed in double as the kernel does, so that the same ones are above 0.
const auto margin_row = [](const auto& e, int64_t n) {
  const auto* z = &e.logits[n * e.classes];
  const int32_t label = e.labels[n];
  Row row{.weight = e.example_weight(n) * e.class_weight(label),
          .grad = std::vector<double>(e.classes),
          .bound = std::vector<double>(e.classes)};
  const double step = row.weight / e.classes;
  for (int64_t c = 0; c < e.classes; ++c) {
    const double distance = 1 - double(z[label]) + double(z[c]);
    if (c == label || distance <= 0) continue;
    row.loss += step * distance;
    row.grad[c] = step;
    row.grad[label] -= step;
    row.bound[c] = 2 * step;
    row.bound[label] += 3 * step;
  }
  row.loss_bound = 2 * row.loss;
  row.hit = std::max_element(z, z + e.classes) - z == label;
  return row;
};

TEST(MultiMargin, MatchesTheFormulaWithWeights) {
  for_every_shape([]<class T>(const auto& context, T, int64_t batch, int64_t classes) {
    Example<T> e = make_example<T>(batch, classes, false);
    e.smoothing = 0;
    check(context, e, margin, margin_row);
  });
}

}  // namespace
}  // namespace stroma::kernels
