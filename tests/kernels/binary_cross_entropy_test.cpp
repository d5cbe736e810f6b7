#include "kernels/binary_cross_entropy.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "tests/kernels/classification_loss.h"

namespace stroma::kernels {
namespace {

const auto binary = [](const auto& context, const auto& l) { binary_cross_entropy(context, l); };

/// All in double but for the result.
const auto binary_row = [](const auto& e, int64_t n) {
  Row row;
  for (int64_t c = 0; c < e.classes; ++c) {
    const double z = e.logits[n * e.classes + c];
    const int32_t label = e.labels[n * e.classes + c];
    const double wanted = label * (1 - e.smoothing) + e.smoothing / 2;
    const double v = e.example_weight(n) * e.class_weight(label);
    const double yes = 1 / (1 + std::exp(-z));
    row.weight += v;
    row.loss -= v * (wanted * std::log(yes) + (1 - wanted) * std::log(1 - yes));
    row.grad.push_back(v * (yes - wanted));
    row.bound.push_back(4 * v);
    row.hit = row.hit && (z > 0) == (label == 1);
  }
  // log (1 − yes) loses what yes does: e^5 ulps of double at most.
  row.loss_bound = 200 * row.weight;
  return row;
};

TEST(BinaryCrossEntropy, MatchesTheFormulaWithWeightsAndSmoothing) {
  for_every_shape([]<class T>(const auto& context, T, int64_t batch, int64_t classes) {
    check(context, make_example<T>(batch, classes, true), binary, binary_row);
  });
}

TEST(BinaryCrossEntropy, SurvivesLogitsThatOverflowExp) {
  test::on_each_device([]<class T>(const auto& context, T) {
    Example<T> e{2, 2, true, {1000, -1000, T(-1e30), T(1e30)}, {1, 1}, {1, 1}, {1, 1, 0, 1}, 0, 1};
    const Result<T> r = run(context, e, binary);
    EXPECT_EQ(r.loss, T(1000.0 / 4));  // −log σ(−1000) is 1000; the others are nothing
    for (const T g : r.grad) EXPECT_TRUE(std::isfinite(g));
  });
}

TEST(BinaryProbabilities, AddUpToOne) {
  test::on_each_device([]<class T>(const auto& context, T) {
    std::mt19937 random(1);
    std::vector<T> z = test::random_values<T>(1009, random);
    for (T& each : z) each *= 30;
    test::Array logits(context, z);
    test::Array output(context, std::vector<T>(2 * z.size()));
    binary_probabilities(context, 1009, logits.data(), output.data());
    const std::vector<T> p = output.host();
    for (std::size_t n = 0; n < z.size(); ++n) {
      const double epsilon = std::numeric_limits<T>::epsilon();
      const double yes = 1 / (1 + std::exp(-double(z[n]))), no = 1 / (1 + std::exp(double(z[n])));
      ASSERT_NEAR(p[2 * n], no, 2 * epsilon * no);
      ASSERT_NEAR(p[2 * n + 1], yes, 2 * epsilon * yes);
    }
  });
}

}  // namespace
}  // namespace stroma::kernels
