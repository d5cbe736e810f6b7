// How good predictions are: the measures that scikit-learn computes under the same names, to the
// last digits that the order of summation leaves open.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace stroma {

/// How often a score ranks positives before negatives: for each distinct score, from the highest,
/// how many positives and negatives have that score or a higher one. Equal scores are one step.
struct RankedCounts {
  std::vector<double> scores;            // descending
  std::vector<int64_t> true_positives;   // [scores]
  std::vector<int64_t> false_positives;  // [scores]
};
RankedCounts ranked_counts(const std::vector<double>& scores, const std::vector<bool>& positive);

/// Points from left to right.
struct Curve {
  std::vector<double> x, y;
};

/// Recall → precision, beginning at (0, 1). Needs a positive.
Curve precision_recall_curve(const RankedCounts& counts);

/// False-positive rate → true-positive rate, beginning at (0, 0). Needs a positive and a negative.
Curve roc_curve(const RankedCounts& counts);

/// The area under straight lines between the points.
double trapezoidal_area(const Curve& curve);

/// Σ (R_i - R_{i-1}) P_i over the steps of the precision-recall curve, without interpolation
/// (scikit-learn's average_precision_score). Needs a positive.
double average_precision(const RankedCounts& counts);

struct ClassMetrics {
  int64_t support = 0;    // examples of the class
  int64_t predicted = 0;  // examples taken for the class
  // 0 where one has nothing to divide by (a class never predicted, or without an example), as
  // scikit-learn's zero_division=0; NaN where the class is neither predicted nor among the
  // examples.
  double precision = 0, recall = 0, f1 = 0;
  // This class against the rest: NaN without an example of the class or of another one. (There
  // scikit-learn's average precision is 0, or 1 for any scores.)
  double average_precision = 0, auc_roc = 0;
};

struct Averages {
  double precision = 0, recall = 0, f1 = 0;
};

/// Of two classes, the second of which is the positive one: undefined, that is NaN, without an
/// example of either.
struct BinaryMetrics {
  double au_roc = 0, au_prc = 0;  // area under the ROC curve, average precision
  double fpr80 = 0;               // lowest false-positive rate at a sensitivity of at least 0.80
  double pr95 = 0;                // highest precision at a recall of at least 0.95
};

/// Undefined figures are NaN.
struct ClassificationMetrics {
  int64_t examples = 0;
  double accuracy = 0;
  /// Over the classes that occur among true or predicted labels, as scikit-learn does by default.
  Averages macro;
  /// Weighted by support.
  Averages weighted;
  /// Means over the classes for which they are defined. The standard error is that of the mean over
  /// classes, with the sample standard deviation (n - 1); NaN for a single class.
  double macro_auc_pr = 0, macro_auc_pr_standard_error = 0, macro_auc_roc = 0;
  int64_t classes_without_examples = 0;  // left out of macro_auc_pr and macro_auc_roc
  double pearson_r = 0;  // of true and predicted class indices; NaN where either is always the same
  std::vector<ClassMetrics> per_class;  // [classes]
  std::vector<int64_t> confusion;  // [classes, classes]: true, predicted; none of several labels
  std::optional<BinaryMetrics> binary;  // where there are two classes
};

/// Measures of `true_labels` [examples] against `predicted_labels` [examples] and `probabilities`
/// [examples, classes]. Throws Error where there is no example
/// or a probability is not finite.
ClassificationMetrics classification_metrics(const std::vector<int32_t>& true_labels,
                                             const std::vector<int32_t>& predicted_labels,
                                             const std::vector<double>& probabilities,
                                             int64_t classes);

/// The same where an example has any number of labels: `truth` and `predicted` [examples, classes]
/// are 1 for each. The accuracy is the share of examples of which all labels are right; there is no
/// confusion matrix and no Pearson r.
ClassificationMetrics multi_label_metrics(const std::vector<uint8_t>& truth,
                                          const std::vector<uint8_t>& predicted,
                                          const std::vector<double>& probabilities,
                                          int64_t classes);

}  // namespace stroma
