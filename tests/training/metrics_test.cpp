#include "training/metrics.h"

#include <gtest/gtest.h>

#include <algorithm>
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
      const json& figures = expected["per_class"][label];
      expect_same(one.precision, figures.is_null() ? figures : figures[0], "class precision");
      expect_same(one.recall, figures.is_null() ? figures : figures[1], "class recall");
      expect_same(one.f1, figures.is_null() ? figures : figures[2], "class F1");
      expect_same(one.average_precision, expected["average_precision"][label], "class AP");
      expect_same(one.auc_roc, expected["auc_roc"][label], "class AUC");
      absent += std::count(labels.begin(), labels.end(), label) == 0;
    }
    EXPECT_EQ(metrics.classes_without_examples, absent);
    expect_same(metrics.macro_auc_pr, expected["macro_auc_pr"], "AUC-PR");
    expect_same(metrics.macro_auc_pr_standard_error, expected["macro_auc_pr_standard_error"],
                "standard error");
    expect_same(metrics.macro_auc_roc, expected["macro_auc_roc"], "AUC-ROC");
    expect_same(metrics.pearson_r, expected["pearson_r"], "Pearson r");
    ASSERT_EQ(metrics.binary.has_value(), !expected["binary"].is_null());
    if (!metrics.binary) continue;
    expect_same(metrics.binary->au_roc, expected["binary"][0], "auROC");
    expect_same(metrics.binary->au_prc, expected["binary"][1], "auPRC");
    expect_same(metrics.binary->fpr80, expected["binary"][2], "fpr80");
    expect_same(metrics.binary->pr95, expected["binary"][3], "Pr95");
  }
}

TEST(MultiLabelMetrics, AgreeWithScikitLearn) {
  std::ifstream file(test::folder() / "golden/metrics_multi_label.json");
  for (const json& expected : json::parse(file)) {
    const auto classes = expected["classes"].get<int64_t>();
    const auto truth = expected["truth"].get<std::vector<uint8_t>>();
    SCOPED_TRACE(testing::Message() << truth.size() << " answers, " << classes << " labels");
    auto probabilities = expected["thousandths"].get<std::vector<double>>();
    std::vector<uint8_t> predicted;
    for (double& value : probabilities) predicted.push_back((value /= 1000) > 0.5);
    const ClassificationMetrics metrics =
        multi_label_metrics(truth, predicted, probabilities, classes);
    expect_same(metrics.accuracy, expected["accuracy"], "accuracy");
    expect_same(metrics.macro, expected["macro"]);
    expect_same(metrics.weighted, expected["weighted"]);
    expect_same(metrics.macro_auc_pr, expected["macro_auc_pr"], "AUC-PR");
    expect_same(metrics.macro_auc_roc, expected["macro_auc_roc"], "AUC-ROC");
    for (int64_t label = 0; label < classes; ++label) {
      const json& figures = expected["per_class"][label];
      if (figures.is_null()) continue;
      expect_same(metrics.per_class[label].precision, figures[0], "label precision");
      expect_same(metrics.per_class[label].recall, figures[1], "label recall");
      expect_same(metrics.per_class[label].f1, figures[2], "label F1");
    }
  }
}

/// Scores are the probabilities of class 1 of two.
ClassificationMetrics of_two_classes(const std::vector<int32_t>& labels,
                                     const std::vector<double>& scores) {
  std::vector<int32_t> predicted;
  std::vector<double> probabilities;
  for (const double score : scores) {
    predicted.push_back(score > 0.5);
    probabilities.insert(probabilities.end(), {1 - score, score});
  }
  return classification_metrics(labels, predicted, probabilities, 2);
}

void expect_undefined(const std::vector<double>& figures) {
  for (std::size_t i = 0; i < figures.size(); ++i) EXPECT_TRUE(std::isnan(figures[i])) << i;
}

TEST(ClassificationMetrics, RankNothingWhereOneClassAloneIsPresent) {
  const ClassificationMetrics wrong = of_two_classes({0, 0, 0}, {0.9, 0.8, 0.7});
  EXPECT_EQ(wrong.accuracy, 0);
  EXPECT_EQ(wrong.macro.f1, 0);
  EXPECT_EQ(wrong.classes_without_examples, 1);
  expect_undefined({wrong.macro_auc_pr, wrong.macro_auc_pr_standard_error, wrong.macro_auc_roc,
                    wrong.pearson_r, wrong.per_class[0].average_precision,
                    wrong.per_class[1].average_precision, wrong.per_class[0].auc_roc});
  EXPECT_EQ(wrong.per_class[0].precision, 0) << "never predicted";
  EXPECT_EQ(wrong.per_class[1].recall, 0) << "predicted, but never there";
}

TEST(ClassificationMetrics, OfOneExampleAreItsHitAndNoRanking) {
  for (const int32_t label : {0, 1}) {
    const ClassificationMetrics one = of_two_classes({label}, {0.9});
    EXPECT_EQ(one.accuracy, label);
    EXPECT_EQ(one.macro.f1, label);
    expect_undefined({one.macro_auc_pr, one.macro_auc_roc, one.pearson_r});
  }
}

TEST(ClassificationMetrics, AClassThatNeitherOccursNorIsPredictedHasNoFigures) {
  const ClassificationMetrics metrics =
      classification_metrics({0, 1}, {0, 0}, {0.6, 0.3, 0.1, 0.5, 0.4, 0.1}, 3);
  const ClassMetrics& absent = metrics.per_class[2];
  expect_undefined(
      {absent.precision, absent.recall, absent.f1, absent.average_precision, absent.auc_roc});
  EXPECT_DOUBLE_EQ(metrics.macro.precision, 0.25) << "over the two others";
  EXPECT_DOUBLE_EQ(metrics.weighted.recall, 0.5);
}

// All scores are one tie: precision is the share of the class, the ROC curve the diagonal.
TEST(ClassificationMetrics, OfEqualPredictionsAreThoseOfChance) {
  const ClassificationMetrics metrics = of_two_classes({0, 0, 0, 1}, {0.25, 0.25, 0.25, 0.25});
  EXPECT_DOUBLE_EQ(metrics.per_class[0].average_precision, 0.75);
  EXPECT_DOUBLE_EQ(metrics.per_class[1].average_precision, 0.25);
  EXPECT_DOUBLE_EQ(metrics.macro_auc_roc, 0.5);
  EXPECT_EQ(metrics.per_class[1].precision, 0);
  expect_undefined({metrics.pearson_r});
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
