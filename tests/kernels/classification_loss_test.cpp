// The losses against their formulas in float64, with weights of classes and examples, label
// smoothing and a share.
#include "kernels/classification_loss.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "kernels/binary_cross_entropy.h"
#include "kernels/multi_margin.h"
#include "kernels/softmax_cross_entropy.h"
#include "tests/devices.h"
#include "tests/kernels/random_values.h"
#include "tests/kernels/threads.h"

namespace stroma::kernels {
namespace {

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
  test::Array logits(context, e.logits), class_weights(context, e.class_weights);
  test::Array example_weights(context, e.example_weights), labels(context, e.labels);
  test::Array loss(context, std::vector<T>(1)), grad(context, std::vector<T>(e.logits.size()));
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

TEST(SoftmaxCrossEntropy, MatchesTheFormulaWithWeightsAndSmoothing) {
  for_every_shape([]<class T>(const auto& context, T, int64_t batch, int64_t classes) {
    check(context, make_example<T>(batch, classes, false), cross_entropy, cross_entropy_row);
  });
}

TEST(BinaryCrossEntropy, MatchesTheFormulaWithWeightsAndSmoothing) {
  for_every_shape([]<class T>(const auto& context, T, int64_t batch, int64_t classes) {
    check(context, make_example<T>(batch, classes, true), binary, binary_row);
  });
}

TEST(MultiMargin, MatchesTheFormulaWithWeights) {
  for_every_shape([]<class T>(const auto& context, T, int64_t batch, int64_t classes) {
    Example<T> e = make_example<T>(batch, classes, false);
    e.smoothing = 0;
    check(context, e, margin, margin_row);
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
    test::Array logits(context, z), output(context, std::vector<T>(2 * z.size()));
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
