// What the windows of a sequence say of it together: a line a sequence for `stroma predict`.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "datasets/dataset.h"
#include "training/run_directory.h"

namespace stroma {

/// The score of a class is the mean of log p(class) over the sequence's windows, p not under 1e-38:
/// each window has one vote, and one that is sure of another class weighs much.
struct SequencePrediction {
  std::string id;
  int32_t true_label = -1;  // −1 where it is not known
  int64_t windows = 0;      // 0: none could be read; nothing below has a meaning
  int32_t predicted = -1;   // the class of the highest score
  double score = 0;         // of that class
  double probability = 0;   // of that class: exp(score) as a share of all classes'
  double margin = 0;        // by which the next class's score is lower; NaN where there is none
};

/// One for each sequence of the dataset, in order; `predictions` are those of `examples`.
std::vector<SequencePrediction> join_windows(const Dataset& dataset,
                                             const std::vector<int32_t>& examples,
                                             const Predictions& predictions, int64_t classes);

/// What a model of several labels says of each sequence: the mean probability of each label over
/// its windows, and those labels that are more probable than not: id,predicted,windows,p_LABEL… a
/// line, with `true` after the id where labels are known of any. Labels are joined by ";".
void write_label_sets(std::ostream& out, const Dataset& dataset,
                      const std::vector<int32_t>& examples, const Predictions& predictions,
                      const std::vector<std::string>& labels);

/// id,predicted,probability,mean_log_probability,margin,windows a line, with `true` after the id
/// where a true label is known of any. A sequence without a window has empty fields.
void write_sequence_predictions(std::ostream& out,
                                const std::vector<SequencePrediction>& predictions,
                                const std::vector<std::string>& labels);

}  // namespace stroma
