// What all losses have in common, and softmax with cross-entropy against its formula in float64.
#include "kernels/classification_loss.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "kernels/binary_cross_entropy.h"
#include "kernels/multi_margin.h"
#include "kernels/softmax_cross_entropy.h"
#include "tests/kernels/classification_loss.h"
#include "tests/kernels/threads.h"

namespace stroma::kernels {
namespace {

const auto cross_entropy = [](const auto& context, const auto& l) {
  softmax_cross_entropy(context, l);
};
const auto binary = [](const auto& context, const auto& l) { binary_cross_entropy(context, l); };
const auto margin = [](const auto& context, const auto& l) { multi_margin(context, l); };

/// In p, exp errs by two ulps and by the rounding of z − max, half an ulp of at most 10; the sum of
/// the exponentials by classes / 2 ulps; the products and differences after it by four ulps of
/// their terms. The loss errs as log Σ does.
const auto cross_entropy_row = [](const auto& e, int64_t n) {
  const auto* z = &e.logits[n * e.classes];
  const int32_t label = e.labels[n];
  const double relative = 10 + 4 + e.classes / 2.0;
  const double sure = 1 - e.smoothing, spread = e.smoothing / e.classes, s = e.example_weight(n);
  double sum = 0, all_weights = 0;
  for (int64_t c = 0; c < e.classes; ++c) {
    sum += std::exp(double(z[c]));
    all_weights += e.class_weight(c);
  }
  Row row{.weight = s * e.class_weight(label)};
  const double whole = sure * e.class_weight(label) + spread * all_weights;
  for (int64_t c = 0; c < e.classes; ++c) {
    const double minus_log_p = std::log(sum) - z[c], p = std::exp(z[c]) / sum;
    const double wanted = (c == label ? sure * e.class_weight(c) : 0) + spread * e.class_weight(c);
    row.loss += s * wanted * minus_log_p;
    row.grad.push_back(s * (whole * p - wanted));
    row.bound.push_back(s * (whole * p * (relative + 4) + 4 * wanted));
  }
  row.loss_bound = s * whole * relative;
  row.hit = std::max_element(z, z + e.classes) - z == label;
  return row;
};

TEST(SoftmaxCrossEntropy, MatchesTheFormulaWithWeightsAndSmoothing) {
  for_every_shape([]<class T>(const auto& context, T, int64_t batch, int64_t classes) {
    check(context, make_example<T>(batch, classes, false), cross_entropy, cross_entropy_row);
  });
}

/// Calls f with each kernel and whether its labels are answers.
template <class F>
void for_each_loss(const F& f) {
  f(cross_entropy, false);
  f(binary, true);
  f(margin, false);
}

TEST(ClassificationLoss, OfNothingThatCountsIsZero) {
  test::on_each_device([]<class T>(const auto& context, T) {
    for_each_loss([&](const auto& loss, bool answers) {
      Example<T> e = make_example<T>(5, 3, answers);
      std::fill(e.example_weights.begin(), e.example_weights.end(), T{0});
      e.smoothing = 0;
      const Result<T> r = run(context, e, loss);
      EXPECT_EQ(r.loss, 0);
      EXPECT_EQ(r.statistics[0], 100);
      for (const T g : r.grad) EXPECT_EQ(g, 0);
    });
  });
}

TEST(ClassificationLoss, IsNotANumberWhereALogitIsNone) {
  test::on_each_device([]<class T>(const auto& context, T) {
    for_each_loss([&](const auto& loss, bool answers) {
      for (const int at : {0, 1, 2}) {
        Example<T> e = make_example<T>(1, 3, answers);
        e.logits[at] = std::numeric_limits<T>::quiet_NaN();
        e.smoothing = 0;
        EXPECT_TRUE(std::isnan(run(context, e, loss).loss)) << at;
      }
    });
  });
}

TEST(ClassificationLoss, HasTheSameBitsInAnyOrderOfThreads) {
  test::on_each_device([]<class T>(const auto& context, T) {
    for_each_loss([&](const auto& loss, bool answers) {
      Example<T> e = make_example<T>(1031, 101, answers);
      e.smoothing = 0;
      const auto results = test::with_thread_orders(context, [&] {
        const Result<T> r = run(context, e, loss);
        std::vector<double> all(r.grad.begin(), r.grad.end());
        all.insert(all.end(), {double(r.loss), r.statistics[0], r.statistics[1]});
        return all;
      });
      for (const auto& result : results) EXPECT_TRUE(result == results[0]);
    });
  });
}

}  // namespace
}  // namespace stroma::kernels
