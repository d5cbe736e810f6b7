#include "kernels/softmax_cross_entropy.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "tests/devices.h"
#include "tests/kernels/random_values.h"
#include "tests/kernels/threads.h"

namespace stroma::kernels {
namespace {

template <class T>
struct Example {
  int64_t batch, classes;
  std::vector<T> logits;        // [batch, classes]
  std::vector<int32_t> labels;  // [batch]
  std::vector<T> weights;       // [classes]
};

template <class T>
Example<T> make_example(int64_t batch, int64_t classes) {
  std::mt19937 random(batch * 1000 + classes);
  Example<T> e{batch, classes, test::random_values<T>(batch * classes, random), {}, {}};
  for (T& z : e.logits) z *= 20;
  for (int64_t n = 0; n < batch; ++n) e.labels.push_back(static_cast<int32_t>(random() % classes));
  e.weights = test::random_values<T>(classes, random);
  for (T& weight : e.weights) weight = std::abs(weight) + T(0.1);
  return e;
}

template <class T>
struct Result {
  T loss = 0;
  std::vector<T> grad;
  double statistics[2] = {100, 200};  // both are added to
};

template <class T, class Context>
Result<T> run(const Context& context, const Example<T>& e, bool weighted, bool with_grad = true) {
  Result<T> r;
  test::Array logits(context, e.logits);
  test::Array weights(context, e.weights);
  test::Array labels(context, e.labels);
  test::Array loss(context, std::vector<T>(1));
  test::Array grad(context, std::vector<T>(e.logits.size()));
  test::Array statistics(context, std::vector<double>(r.statistics, r.statistics + 2));
  softmax_cross_entropy(
      context, ClassificationLoss<T>{.batch = e.batch,
                                     .classes = e.classes,
                                     .logits = logits.data(),
                                     .labels = labels.data(),
                                     .class_weights = weighted ? weights.data() : nullptr,
                                     .loss = loss.data(),
                                     .logits_grad = with_grad ? grad.data() : nullptr,
                                     .statistics = with_grad ? statistics.data() : nullptr});
  r.loss = loss.host()[0];
  r.grad = grad.host();
  std::ranges::copy(statistics.host(), r.statistics);
  return r;
}

/// The formula of the header in float64. The gradient is w / Σw · p − w / Σw · [c = y]. In p, exp
/// errs by at most two ulps and by the rounding of z − max, which is half an ulp of at most 40; the
/// sum of the exponentials by classes / 2 ulps. w / Σw and the difference add an ulp, here and, for
/// double, in the reference. The loss errs as log Σ does, and by its own rounding; its sum over the
/// batch, in double here and in the reference, by less than a rounding a row in each.
template <class T, class Context>
void check(const Context& context, int64_t batch, int64_t classes, bool weighted) {
  const Example<T> e = make_example<T>(batch, classes);
  const Result<T> r = run(context, e, weighted);
  const double epsilon = std::numeric_limits<T>::epsilon();
  const double relative = (40 + 4 + classes / 2.0) * epsilon;
  const double of_sum = batch * std::numeric_limits<double>::epsilon();

  double total = 0, loss = 0, hits = 0;
  for (const int32_t label : e.labels) total += weighted ? double(e.weights[label]) : 1;
  for (int64_t n = 0; n < batch; ++n) {
    const T* z = &e.logits[n * classes];
    const int32_t label = e.labels[n];
    const double weight = weighted ? double(e.weights[label]) : 1;
    double sum = 0;
    for (int64_t c = 0; c < classes; ++c) sum += std::exp(double(z[c]));
    loss += weight * (std::log(sum) - z[label]) / total;
    hits += std::max_element(z, z + classes) - z == label;
    for (int64_t c = 0; c < classes; ++c) {
      const double p = std::exp(double(z[c])) / sum;
      const double expected = weight * (p - (c == label)) / total;
      const double bound = weight / total * (relative * p + 2 * epsilon);
      ASSERT_NEAR(r.grad[n * classes + c], expected, bound) << n << ", " << c;
    }
  }
  const double bound = relative + (epsilon + of_sum) * loss;
  EXPECT_NEAR(r.loss, loss, bound);
  EXPECT_NEAR(r.statistics[0], 100 + loss * batch, bound * batch + 1e-13);
  EXPECT_EQ(r.statistics[1], 200 + hits);
}

TEST(SoftmaxCrossEntropy, MatchesTheFormulaForEveryShape) {
  for (const int64_t batch : {1, 3, 32, 257}) {
    for (const int64_t classes : {1, 2, 17, 100, 1009}) {
      for (const bool weighted : {false, true}) {
        SCOPED_TRACE(testing::Message() << batch << " x " << classes << " " << weighted);
        test::on_each_device(
            [&]<class T>(const auto& context, T) { check<T>(context, batch, classes, weighted); });
      }
    }
  }
}

TEST(SoftmaxCrossEntropy, MatchesTheFormulaForALargeBatch) {
  test::on_each_device([&]<class T>(const auto& context, T) { check<T>(context, 8209, 3, true); });
}

TEST(SoftmaxCrossEntropy, SurvivesLogitsThatOverflowExp) {
  test::on_each_device([&]<class T>(const auto& context, T) {
    const Example<T> e{2, 3, {1000, -1000, 999, T(-1e30), T(1e30), 0}, {2, 1}, {}};
    const Result<T> r = run(context, e, false);
    const double expected = (1 + std::log1p(std::exp(-1.0))) / 2;
    EXPECT_NEAR(r.loss, expected, 4 * std::numeric_limits<T>::epsilon() * expected);
    EXPECT_EQ(r.statistics[1], 200 + 1);
    for (const T g : r.grad) EXPECT_TRUE(std::isfinite(g));
  });
}

TEST(SoftmaxCrossEntropy, NotANumberReachesTheLoss) {
  test::on_each_device([&]<class T>(const auto& context, T) {
    for (const int at : {0, 1, 2}) {
      Example<T> e{1, 3, {1, 2, 3}, {1}, {}};
      e.logits[at] = std::numeric_limits<T>::quiet_NaN();
      EXPECT_TRUE(std::isnan(run(context, e, false).loss)) << at;
    }
  });
}

TEST(SoftmaxCrossEntropy, ATieIsAHitForTheFirstClassOnly) {
  test::on_each_device([&]<class T>(const auto& context, T) {
    // 70 classes: lanes of a warp that hold several.
    Example<T> e{1, 70, std::vector<T>(70), {33}, {}};
    e.logits[33] = e.logits[65] = e.logits[66] = 5;
    EXPECT_EQ(run(context, e, false).statistics[1], 200 + 1);
    e.labels[0] = 65;
    EXPECT_EQ(run(context, e, false).statistics[1], 200);
    e.labels[0] = 66;
    EXPECT_EQ(run(context, e, false).statistics[1], 200);
  });
}

TEST(SoftmaxCrossEntropy, LossDoesNotDependOnWhetherTheGradientIsAsked) {
  test::on_each_device([&]<class T>(const auto& context, T) {
    const Example<T> e = make_example<T>(33, 101);
    const T loss = run(context, e, false, false).loss;
    EXPECT_NEAR(loss, run(context, e, false).loss, 2 * std::numeric_limits<T>::epsilon() * loss);
  });
}

TEST(SoftmaxCrossEntropy, BitsDoNotDependOnTheOrderOfThreads) {
  test::on_each_device([&]<class T>(const auto& context, T) {
    const Example<T> e = make_example<T>(1031, 101);
    const auto results = test::with_thread_orders(context, [&] {
      const Result<T> r = run(context, e, true);
      std::vector<double> all(r.grad.begin(), r.grad.end());
      all.insert(all.end(), {double(r.loss), r.statistics[0], r.statistics[1]});
      return all;
    });
    EXPECT_EQ(results[0], results[1]);
    EXPECT_EQ(results[0], results[2]);
  });
}

TEST(Softmax, RowsAreProbabilitiesAlsoInPlace) {
  test::on_each_device([&]<class T>(const auto& context, T) {
    const Example<T> e = make_example<T>(257, 101);
    test::Array logits(context, e.logits);
    test::Array output(context, std::vector<T>(e.logits.size()));
    softmax(context, e.batch, e.classes, logits.data(), output.data());
    softmax(context, e.batch, e.classes, logits.data(), logits.data());
    const std::vector<T> p = output.host();
    EXPECT_EQ(p, logits.host());
    for (int64_t n = 0; n < e.batch; ++n) {
      double sum = 0;
      for (int64_t c = 0; c < e.classes; ++c) sum += std::exp(double(e.logits[n * e.classes + c]));
      for (int64_t c = 0; c < e.classes; ++c) {
        const double expected = std::exp(double(e.logits[n * e.classes + c])) / sum;
        // As in `check`: the roundings of z − max, of exp, of the sum and of the division.
        const double bound = (40 + 5 + 51) * double(std::numeric_limits<T>::epsilon());
        ASSERT_NEAR(p[n * e.classes + c], expected, bound * expected);
      }
    }
  });
}

}  // namespace
}  // namespace stroma::kernels
