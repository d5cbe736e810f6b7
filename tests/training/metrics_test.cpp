#include "training/metrics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "kernels/error.h"
#include "tests/folder.h"

namespace stroma {
namespace {

using nlohmann::json;

// Sums of at most some 10^3 terms below 1 in another order: 10^3 roundings of 2^-53 are 1e-13.
constexpr double tolerance = 1e-12;

void expect_same(double actual, const json& expected, const char* what) {
  if (expected.is_null()) {
    EXPECT_TRUE(std::isnan(actual)) << what;
  } else {
    EXPECT_NEAR(actual, expected.get<double>(), tolerance) << what;
  }
}

void expect_same(const Averages& actual, const json& expected) {
  expect_same(actual.precision, expected["precision"], "precision");
  expect_same(actual.recall, expected["recall"], "recall");
  expect_same(actual.f1, expected["f1"], "f1");
}

TEST(ClassificationMetrics, AgreeWithScikitLearn) {
  std::ifstream file(test::folder() / "golden/metrics.json");
  const json cases = json::parse(file);
  ASSERT_GE(cases.size(), 10u);
  for (const json& expected : cases) {
    const auto classes = expected["classes"].get<int64_t>();
    const auto labels = expected["labels"].get<std::vector<int32_t>>();
    SCOPED_TRACE(testing::Message() << labels.size() << " examples, " << classes << " classes");
    auto probabilities = expected["thousandths"].get<std::vector<double>>();
    for (double& value : probabilities) value /= 1000;
    const ClassificationMetrics metrics = classification_metrics(
        labels, expected["predicted"].get<std::vector<int32_t>>(), probabilities, classes);

    EXPECT_EQ(metrics.confusion, expected["confusion"].get<std::vector<int64_t>>());
    expect_same(metrics.accuracy, expected["accuracy"], "accuracy");
    expect_same(metrics.macro, expected["macro"]);
    expect_same(metrics.weighted, expected["weighted"]);
    int64_t absent = 0;
    for (int64_t label = 0; label < classes; ++label) {
      const ClassMetrics& one = metrics.per_class[label];
      expect_same(one.average_precision, expected["average_precision"][label], "class AP");
      expect_same(one.auc_roc, expected["auc_roc"][label], "class AUC");
      absent += expected["average_precision"][label].is_null();
    }
    EXPECT_EQ(metrics.classes_without_examples, absent);
    expect_same(metrics.macro_auc_pr, expected["macro_auc_pr"], "AUC-PR");
    expect_same(metrics.macro_auc_pr_standard_error, expected["macro_auc_pr_standard_error"],
                "standard error");
    expect_same(metrics.macro_auc_roc, expected["macro_auc_roc"], "AUC-ROC");
    expect_same(metrics.pearson_r, expected["pearson_r"], "Pearson r");
  }
}

TEST(ClassificationMetrics, RefuseWhatCannotBeMeasured) {
  EXPECT_THROW(classification_metrics({}, {}, {}, 2), Error);
  EXPECT_THROW(classification_metrics({0}, {0}, {0.5, std::nan("")}, 2), Error);
}

TEST(RankedCounts, TakeEqualScoresAsOneStep) {
  const RankedCounts counts = ranked_counts({0.1, 0.5, 0.5, 0.9}, {false, true, false, true});
  EXPECT_EQ(counts.scores, (std::vector<double>{0.9, 0.5, 0.1}));
  EXPECT_EQ(counts.true_positives, (std::vector<int64_t>{1, 2, 2}));
  EXPECT_EQ(counts.false_positives, (std::vector<int64_t>{0, 1, 2}));
}

TEST(Curves, GoFromTheFirstPositiveToTheLastNegative) {
  const RankedCounts counts{{0.9, 0.5, 0.1}, {1, 2, 2}, {0, 1, 2}};
  const Curve precision_recall = precision_recall_curve(counts);
  EXPECT_EQ(precision_recall.x, (std::vector<double>{0, 0.5, 1, 1}));
  EXPECT_EQ(precision_recall.y, (std::vector<double>{1, 1, 2.0 / 3, 0.5}));
  const Curve roc = roc_curve(counts);
  EXPECT_EQ(roc.x, (std::vector<double>{0, 0, 0.5, 1}));
  EXPECT_EQ(roc.y, (std::vector<double>{0, 0.5, 1, 1}));
  EXPECT_DOUBLE_EQ(trapezoidal_area(roc), 0.875);  // of 4 pairs 3 in order and one tied
  EXPECT_DOUBLE_EQ(average_precision(counts), 0.5 + 0.5 * 2 / 3);
}

// The area under the ROC curve is the share of pairs (positive, negative) in the right order.
TEST(Curves, RocAreaCountsPairsInOrder) {
  const std::vector<double> scores = {0.3, 0.1, 0.3, 0.8, 0.2, 0.3, 0.9, 0.1};
  const std::vector<bool> positive = {true, false, false, true, false, true, false, false};
  double in_order = 0, pairs = 0;
  for (size_t i = 0; i < scores.size(); ++i) {
    for (size_t k = 0; k < scores.size(); ++k) {
      if (!positive[i] || positive[k]) continue;
      ++pairs;
      in_order += scores[i] > scores[k] ? 1 : scores[i] == scores[k] ? 0.5 : 0;
    }
  }
  EXPECT_DOUBLE_EQ(trapezoidal_area(roc_curve(ranked_counts(scores, positive))), in_order / pairs);
}

}  // namespace
}  // namespace stroma
