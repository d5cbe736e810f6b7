#include "training/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "kernels/error.h"
#include "kernels/parallel.h"

namespace stroma {
namespace {

constexpr double undefined = std::numeric_limits<double>::quiet_NaN();

double ratio_or_zero(double part, double whole) { return whole > 0 ? part / whole : 0; }

// The mean, and its standard error, of the values that are defined.
struct Mean {
  double mean = undefined, standard_error = undefined;
};

Mean mean_of_defined(const std::vector<double>& values) {
  double sum = 0, squares = 0, count = 0;
  for (const double value : values) {
    if (std::isnan(value)) continue;
    sum += value;
    ++count;
  }
  if (count == 0) return {};
  const double mean = sum / count;
  for (const double value : values) {
    if (!std::isnan(value)) squares += (value - mean) * (value - mean);
  }
  return {mean, count > 1 ? std::sqrt(squares / (count - 1) / count) : undefined};
}

double pearson_r(const std::vector<int32_t>& a, const std::vector<int32_t>& b) {
  const auto mean = [](const std::vector<int32_t>& values) {
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
  };
  const double mean_a = mean(a), mean_b = mean(b);
  double ab = 0, aa = 0, bb = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    ab += (a[i] - mean_a) * (b[i] - mean_b);
    aa += (a[i] - mean_a) * (a[i] - mean_a);
    bb += (b[i] - mean_b) * (b[i] - mean_b);
  }
  if (aa == 0 || bb == 0) return undefined;
  return std::clamp(ab / (std::sqrt(aa) * std::sqrt(bb)), -1.0, 1.0);
}

// How a column of `probabilities` [examples, classes] ranks the examples that have that label.
RankedCounts ranked_class(const std::vector<double>& probabilities, int64_t classes, int64_t label,
                          const std::vector<bool>& positive) {
  std::vector<double> scores(positive.size());
  for (size_t i = 0; i < positive.size(); ++i) scores[i] = probabilities[i * classes + label];
  return ranked_counts(scores, positive);
}

// Ranking measures of each class against the rest; `has(i, label)` tells the examples of a class.
template <class Has>
void rank_classes(ClassificationMetrics& metrics, const std::vector<double>& probabilities,
                  const Has& has) {
  const auto classes = std::ssize(metrics.per_class);
  kernels::in_pieces(classes, [&](int64_t label) {
    ClassMetrics& of = metrics.per_class[label];
    of.average_precision = of.auc_roc = undefined;
    if (of.support == 0 || of.support == metrics.examples) return;
    std::vector<bool> positive(metrics.examples);
    for (int64_t i = 0; i < metrics.examples; ++i) positive[i] = has(i, label);
    const RankedCounts counts = ranked_class(probabilities, classes, label, positive);
    of.average_precision = average_precision(counts);
    of.auc_roc = trapezoidal_area(roc_curve(counts));
  });
  std::vector<double> precisions, areas;
  for (const ClassMetrics& one : metrics.per_class) {
    precisions.push_back(one.average_precision);
    areas.push_back(one.auc_roc);
  }
  const Mean auc_pr = mean_of_defined(precisions);
  metrics.macro_auc_pr = auc_pr.mean;
  metrics.macro_auc_pr_standard_error = auc_pr.standard_error;
  metrics.macro_auc_roc = mean_of_defined(areas).mean;
}

// What follows from how often each class is there, is predicted, and is both.
void count_classes(ClassificationMetrics& metrics, const std::vector<int64_t>& hits_of_class) {
  double occurring = 0, all = 0;
  for (std::size_t label = 0; label < hits_of_class.size(); ++label) {
    ClassMetrics& one = metrics.per_class[label];
    const auto hits = static_cast<double>(hits_of_class[label]);
    const auto support = static_cast<double>(one.support);
    const auto predicted = static_cast<double>(one.predicted);
    metrics.classes_without_examples += one.support == 0;
    if (one.support + one.predicted == 0) {
      one.precision = one.recall = one.f1 = undefined;
      continue;
    }
    one.precision = ratio_or_zero(hits, predicted);
    one.recall = ratio_or_zero(hits, support);
    one.f1 = ratio_or_zero(2 * hits, predicted + support);

    all += support;
    ++occurring;
    metrics.macro.precision += one.precision;
    metrics.macro.recall += one.recall;
    metrics.macro.f1 += one.f1;
    metrics.weighted.precision += support * one.precision;
    metrics.weighted.recall += support * one.recall;
    metrics.weighted.f1 += support * one.f1;
  }
  for (double Averages::*figure : {&Averages::precision, &Averages::recall, &Averages::f1}) {
    metrics.macro.*figure /= occurring;
    metrics.weighted.*figure /= all;
  }
}

BinaryMetrics binary_metrics(const ClassificationMetrics& metrics,
                             const std::vector<int32_t>& true_labels,
                             const std::vector<double>& probabilities) {
  const ClassMetrics& positives = metrics.per_class[1];
  BinaryMetrics binary{positives.auc_roc, positives.average_precision, undefined, undefined};
  if (positives.support == 0 || positives.support == metrics.examples) return binary;
  const std::vector<bool> positive(true_labels.begin(), true_labels.end());
  const RankedCounts counts = ranked_class(probabilities, 2, 1, positive);
  const Curve roc = roc_curve(counts), precision_recall = precision_recall_curve(counts);
  binary.fpr80 = 1;
  for (size_t i = 0; i < roc.x.size(); ++i) {
    if (roc.y[i] >= 0.8) binary.fpr80 = std::min(binary.fpr80, roc.x[i]);
  }
  binary.pr95 = 0;
  for (size_t i = 0; i < precision_recall.x.size(); ++i) {
    if (precision_recall.x[i] >= 0.95) {
      binary.pr95 = std::max(binary.pr95, precision_recall.y[i]);
    }
  }
  return binary;
}

/// Throws Error where there is nothing to measure.
ClassificationMetrics metrics_of(int64_t examples, int64_t classes,
                                 const std::vector<double>& probabilities) {
  if (examples == 0) throw Error("there is no example to measure predictions on");
  if (!std::all_of(probabilities.begin(), probabilities.end(),
                   [](double p) { return std::isfinite(p); })) {
    throw Error("the model's predictions are not finite numbers; its weights are useless");
  }
  ClassificationMetrics metrics;
  metrics.examples = examples;
  metrics.per_class.resize(classes);
  return metrics;
}

}  // namespace

RankedCounts ranked_counts(const std::vector<double>& scores, const std::vector<bool>& positive) {
  std::vector<int64_t> order(scores.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](auto a, auto b) { return scores[a] > scores[b]; });
  RankedCounts counts;
  int64_t true_positives = 0, false_positives = 0;
  for (size_t i = 0; i < order.size(); ++i) {
    (positive[order[i]] ? true_positives : false_positives) += 1;
    if (i + 1 < order.size() && scores[order[i]] == scores[order[i + 1]]) continue;
    counts.scores.push_back(scores[order[i]]);
    counts.true_positives.push_back(true_positives);
    counts.false_positives.push_back(false_positives);
  }
  return counts;
}

Curve precision_recall_curve(const RankedCounts& counts) {
  const auto positives = static_cast<double>(counts.true_positives.back());
  Curve curve{{0}, {1}};
  for (size_t i = 0; i < counts.scores.size(); ++i) {
    const auto hits = static_cast<double>(counts.true_positives[i]);
    curve.x.push_back(hits / positives);
    curve.y.push_back(hits / (hits + static_cast<double>(counts.false_positives[i])));
  }
  return curve;
}

Curve roc_curve(const RankedCounts& counts) {
  const auto positives = static_cast<double>(counts.true_positives.back());
  const auto negatives = static_cast<double>(counts.false_positives.back());
  Curve curve{{0}, {0}};
  for (size_t i = 0; i < counts.scores.size(); ++i) {
    curve.x.push_back(static_cast<double>(counts.false_positives[i]) / negatives);
    curve.y.push_back(static_cast<double>(counts.true_positives[i]) / positives);
  }
  return curve;
}

double trapezoidal_area(const Curve& curve) {
  double area = 0;
  for (size_t i = 1; i < curve.x.size(); ++i) {
    area += (curve.x[i] - curve.x[i - 1]) * (curve.y[i] + curve.y[i - 1]) / 2;
  }
  return area;
}

double average_precision(const RankedCounts& counts) {
  const Curve curve = precision_recall_curve(counts);
  double sum = 0;
  for (size_t i = 1; i < curve.x.size(); ++i) sum += (curve.x[i] - curve.x[i - 1]) * curve.y[i];
  return sum;
}

ClassificationMetrics classification_metrics(const std::vector<int32_t>& true_labels,
                                             const std::vector<int32_t>& predicted_labels,
                                             const std::vector<double>& probabilities,
                                             int64_t classes) {
  ClassificationMetrics metrics = metrics_of(std::ssize(true_labels), classes, probabilities);
  metrics.confusion.assign(classes * classes, 0);
  std::vector<int64_t> hits(classes);
  int64_t correct = 0;
  for (int64_t i = 0; i < metrics.examples; ++i) {
    const int32_t label = true_labels[i], predicted = predicted_labels[i];
    ++metrics.confusion[label * classes + predicted];
    ++metrics.per_class[label].support;
    ++metrics.per_class[predicted].predicted;
    if (label != predicted) continue;
    ++hits[label];
    ++correct;
  }
  metrics.accuracy = static_cast<double>(correct) / static_cast<double>(metrics.examples);
  count_classes(metrics, hits);
  rank_classes(metrics, probabilities,
               [&](int64_t i, int64_t label) { return true_labels[i] == label; });
  metrics.pearson_r = pearson_r(true_labels, predicted_labels);
  if (classes == 2) metrics.binary = binary_metrics(metrics, true_labels, probabilities);
  return metrics;
}

ClassificationMetrics multi_label_metrics(const std::vector<uint8_t>& truth,
                                          const std::vector<uint8_t>& predicted,
                                          const std::vector<double>& probabilities,
                                          int64_t classes) {
  ClassificationMetrics metrics = metrics_of(std::ssize(truth) / classes, classes, probabilities);
  std::vector<int64_t> hits(classes);
  int64_t correct = 0;
  for (int64_t i = 0; i < metrics.examples; ++i) {
    bool all_right = true;
    for (int64_t label = 0; label < classes; ++label) {
      const bool is = truth[i * classes + label] != 0, said = predicted[i * classes + label] != 0;
      metrics.per_class[label].support += is;
      metrics.per_class[label].predicted += said;
      hits[label] += is && said;
      all_right = all_right && is == said;
    }
    correct += all_right;
  }
  metrics.accuracy = static_cast<double>(correct) / static_cast<double>(metrics.examples);
  count_classes(metrics, hits);
  rank_classes(metrics, probabilities,
               [&](int64_t i, int64_t label) { return truth[i * classes + label] != 0; });
  metrics.pearson_r = undefined;
  return metrics;
}

}  // namespace stroma
