#include "training/sequence_predictions.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/text.h"

namespace stroma {
namespace {

/// Sums of log p over a sequence's windows become its prediction.
void conclude(std::vector<double> scores, SequencePrediction& of) {
  for (double& score : scores) score /= static_cast<double>(of.windows);
  const auto best = std::max_element(scores.begin(), scores.end());
  of.predicted = static_cast<int32_t>(best - scores.begin());
  of.score = *best;
  double sum = 0, next = -std::numeric_limits<double>::infinity();
  for (auto score = scores.begin(); score != scores.end(); ++score) {
    sum += std::exp(*score - of.score);
    if (score != best) next = std::max(next, *score);
  }
  of.probability = 1 / sum;
  of.margin = scores.size() > 1 ? of.score - next : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

std::vector<SequencePrediction> join_windows(const Dataset& dataset,
                                             const std::vector<int32_t>& examples,
                                             const Predictions& predictions, int64_t classes) {
  constexpr double smallest = 1e-38;
  std::vector<SequencePrediction> joined(dataset.sequences.size());
  for (std::size_t s = 0; s < joined.size(); ++s)
    joined[s].id = dataset.name(static_cast<int64_t>(s));
  // Examples stand sequence by sequence, so that one sequence's sums are enough at a time.
  std::vector<double> sums(classes);
  for (std::size_t i = 0; i < examples.size(); ++i) {
    const int32_t sequence = dataset.examples[examples[i]].sequence;
    SequencePrediction& of = joined[sequence];
    of.true_label = predictions.true_labels[i];
    ++of.windows;
    for (int64_t c = 0; c < classes; ++c) {
      sums[c] += std::log(std::max<double>(predictions.probabilities[i * classes + c], smallest));
    }
    const bool is_last =
        i + 1 == examples.size() || dataset.examples[examples[i + 1]].sequence != sequence;
    if (!is_last) continue;
    conclude(sums, of);
    std::fill(sums.begin(), sums.end(), 0);
  }
  return joined;
}

void write_label_sets(std::ostream& out, const Dataset& dataset,
                      const std::vector<int32_t>& examples, const Predictions& predictions,
                      const std::vector<std::string>& labels) {
  const std::size_t classes = labels.size();
  /// Of a sequence.
  struct Sums {
    int64_t windows = 0;
    std::vector<double> probabilities;
    const uint8_t* truth = nullptr;
  };
  std::vector<Sums> sums(dataset.sequences.size());
  for (std::size_t i = 0; i < examples.size(); ++i) {
    Sums& of = sums[dataset.examples[examples[i]].sequence];
    of.probabilities.resize(classes);
    for (std::size_t c = 0; c < classes; ++c) {
      of.probabilities[c] += predictions.probabilities[i * classes + c];
    }
    of.truth = &predictions.true_sets[i * classes];
    ++of.windows;
  }
  const bool with_truth = std::find(predictions.true_sets.begin(), predictions.true_sets.end(),
                                    1) != predictions.true_sets.end();
  out << (with_truth ? "id,true,predicted,windows" : "id,predicted,windows");
  for (const std::string& label : labels) out << ',' << csv_field("p_" + label);
  out << '\n';
  for (std::size_t s = 0; s < sums.size(); ++s) {
    const Sums& of = sums[s];
    std::vector<uint8_t> predicted(classes);
    std::string probabilities;
    for (std::size_t c = 0; c < classes; ++c) {
      const double p = of.windows == 0 ? 0 : of.probabilities[c] / static_cast<double>(of.windows);
      predicted[c] = p > 0.5;
      probabilities += of.windows == 0 ? "," : fmt::format(",{:.6g}", p);
    }
    out << csv_field(dataset.name(static_cast<int64_t>(s))) << ',';
    if (with_truth) out << (of.truth ? csv_field(names_in(of.truth, labels)) : "") << ',';
    out << csv_field(names_in(predicted.data(), labels)) << ',' << of.windows << probabilities
        << '\n';
  }
}

void write_sequence_predictions(std::ostream& out,
                                const std::vector<SequencePrediction>& predictions,
                                const std::vector<std::string>& labels) {
  const bool with_truth =
      std::any_of(predictions.begin(), predictions.end(),
                  [](const SequencePrediction& of) { return of.true_label >= 0; });
  out << (with_truth ? "id,true," : "id,")
      << "predicted,probability,mean_log_probability,margin,windows\n";
  for (const SequencePrediction& of : predictions) {
    out << csv_field(of.id);
    if (with_truth) {
      out << ',';
      if (of.true_label >= 0) out << csv_field(labels[of.true_label]);
    }
    out << ',';
    if (of.windows == 0) {
      out << ",,,,0\n";
      continue;
    }
    out << csv_field(labels[of.predicted]);
    const std::string margin = std::isnan(of.margin) ? "" : fmt::format("{:.6g}", of.margin);
    out << fmt::format(",{:.6g},{:.6g},{},{}\n", of.probability, of.score, margin, of.windows);
  }
}

}  // namespace stroma
