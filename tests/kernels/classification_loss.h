// What the tests of losses share: examples with weights of classes and examples, label smoothing
// and a share, and the comparison with a formula in float64.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "kernels/classification_loss.h"
#include "tests/devices.h"
#include "tests/kernels/random_values.h"

namespace stroma::kernels {

template <class T>
struct Example {
  int64_t batch, classes;
  bool answers;  // labels of yes and no, [batch, classes]
  std::vector<T> logits, class_weights, example_weights;
  std::vector<int32_t> labels;
  double smoothing = 0.2, share = 0.7;

  double class_weight(int64_t c) const { return class_weights[c]; }
  double example_weight(int64_t n) const { return example_weights[n]; }
};

template <class T>
Example<T> make_example(int64_t batch, int64_t classes, bool answers) {
  std::mt19937 random(batch * 1000 + classes);
  Example<T> e{batch, classes, answers, test::random_values<T>(batch * classes, random),
               {},    {},      {}};
  for (T& z : e.logits) z *= 5;
  for (int64_t i = 0; i < (answers ? batch * classes : batch); ++i) {
    e.labels.push_back(static_cast<int32_t>(random() % (answers ? 2 : classes)));
  }
  e.class_weights = test::random_values<T>(answers ? 2 : classes, random);
  e.example_weights = test::random_values<T>(batch, random);
  for (T& weight : e.class_weights) weight = std::abs(weight) + T(0.1);
  for (T& weight : e.example_weights) weight = std::abs(weight) + T(0.1);
  if (batch > 2) e.example_weights[1] = 0;
  return e;
}

template <class T>
struct Result {
  T loss = 0;
  std::vector<T> grad;
  std::vector<double> statistics;
};

template <class T, class Context, class Loss>
Result<T> run(const Context& context, const Example<T>& e, const Loss& loss_of,
              bool with_grad = true) {
  test::Array logits(context, e.logits);
  test::Array class_weights(context, e.class_weights);
  test::Array example_weights(context, e.example_weights);
  test::Array labels(context, e.labels);
  test::Array loss(context, std::vector<T>(1));
  test::Array grad(context, std::vector<T>(e.logits.size()));
  test::Array statistics(context, std::vector<double>{100, 200});  // both are added to
  loss_of(context, ClassificationLoss<T>{.batch = e.batch,
                                         .classes = e.classes,
                                         .logits = logits.data(),
                                         .labels = labels.data(),
                                         .class_weights = class_weights.data(),
                                         .loss = loss.data(),
                                         .logits_grad = with_grad ? grad.data() : nullptr,
                                         .statistics = statistics.data(),
                                         .example_weights = example_weights.data(),
                                         .label_smoothing = e.smoothing,
                                         .share = e.share});
  return {loss.host()[0], grad.host(), statistics.host()};
}

/// What one example adds: v, v · loss, a bound of its roundings, and the gradient before the
/// division by Σ v, each element with a bound in ulps of T.
struct Row {
  double weight = 0, loss = 0, loss_bound = 0;
  bool hit = true;
  std::vector<double> grad = {}, bound = {};
};

/// Compares a kernel with the sum of `row_of(e, n)`. A bound counts in ulps of T; the mean over the
/// batch, in double, adds less than an ulp of double a row.
template <class T, class Context, class Loss, class RowOf>
void check(const Context& context, const Example<T>& e, const Loss& loss_of, const RowOf& row_of) {
  const Result<T> r = run(context, e, loss_of);
  const double epsilon = std::numeric_limits<T>::epsilon();
  const double of_sum = e.batch * e.classes * std::numeric_limits<double>::epsilon();
  std::vector<Row> rows;
  double total = 0, loss = 0, loss_bound = 0, hits = 0;
  for (int64_t n = 0; n < e.batch; ++n) {
    rows.push_back(row_of(e, n));
    total += rows[n].weight;
    loss += rows[n].loss;
    loss_bound += rows[n].loss_bound;
    hits += rows[n].hit;
  }
  loss /= total;
  const double bound = loss_bound * epsilon / total + (epsilon + of_sum) * loss;
  EXPECT_NEAR(r.loss, e.share * loss, bound);
  EXPECT_NEAR(r.statistics[0], 100 + e.batch * loss, bound * e.batch + 1e-13);
  EXPECT_EQ(r.statistics[1], 200 + hits);
  for (int64_t n = 0; n < e.batch; ++n) {
    for (int64_t c = 0; c < e.classes; ++c) {
      const double scale = e.share / total;
      ASSERT_NEAR(r.grad[n * e.classes + c], scale * rows[n].grad[c],
                  scale * rows[n].bound[c] * (epsilon + of_sum))
          << n << ", " << c;
    }
  }
  EXPECT_NEAR(run(context, e, loss_of, false).loss, r.loss, bound);
}

template <class Check>
void for_every_shape(const Check& check_shape) {
  for (const int64_t batch : {1, 3, 32, 257}) {
    for (const int64_t classes : {1, 2, 17, 101}) {
      SCOPED_TRACE(testing::Message() << batch << " x " << classes);
      test::on_each_device(
          [&]<class T>(const auto& context, T) { check_shape(context, T{}, batch, classes); });
    }
  }
}

}  // namespace stroma::kernels
