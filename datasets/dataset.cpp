#include "datasets/dataset.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "kernels/error.h"

namespace stroma {

std::string label_of(const std::string& id) { return id.substr(0, id.find('_')); }

LabelledSequences label_by_id(std::vector<Sequence> sequences, const std::string& file) {
  LabelledSequences labelled{std::move(sequences), {}};
  std::unordered_map<std::string, std::string> id_of;  // by label
  for (const Sequence& sequence : labelled.sequences) {
    std::string label = label_of(sequence.id);
    if (label.empty()) {
      throw Error(
          fmt::format("{}:{}: the sequence '{}' has no label: its name must not begin with "
                      "'_'",
                      file, sequence.line, sequence.id));
    }
    const auto [known, is_new] = id_of.emplace(label, sequence.id);
    if (!is_new && known->second != sequence.id) {
      throw Error(
          fmt::format("{}:{}: '{}' and '{}' would both get the label '{}', as a label is a "
                      "name up to its first '_'; rename them, or give the labels in a CSV",
                      file, sequence.line, known->second, sequence.id, label));
    }
    labelled.labels.push_back(std::move(label));
  }
  return labelled;
}

LabelIndex index_labels(const std::vector<std::string>& names) {
  LabelIndex result{names, {}};
  std::sort(result.labels.begin(), result.labels.end());
  result.labels.erase(std::unique(result.labels.begin(), result.labels.end()), result.labels.end());
  result.index.reserve(names.size());
  for (const std::string& name : names) {
    const auto place = std::lower_bound(result.labels.begin(), result.labels.end(), name);
    result.index.push_back(static_cast<int32_t>(place - result.labels.begin()));
  }
  return result;
}

Dataset whole_sequences(LabelledSequences labelled) {
  if (labelled.sequences.empty()) throw Error("there is no sequence to learn from");
  LabelIndex index = index_labels(labelled.labels);
  const Sequence& first = labelled.sequences.front();
  Dataset dataset;
  dataset.length = std::ssize(first.letters);
  for (size_t i = 0; i < labelled.sequences.size(); ++i) {
    const Sequence& sequence = labelled.sequences[i];
    if (std::ssize(sequence.letters) != dataset.length) {
      throw Error(
          fmt::format("{} has {} letters and {} has {}: whole sequences must have one "
                      "length; cut them, or make windows of them",
                      first.id, dataset.length, sequence.id, sequence.letters.size()));
    }
    dataset.examples.push_back({static_cast<int32_t>(i), 0, index.index[i]});
  }
  dataset.sequences = std::move(labelled.sequences);
  dataset.labels = std::move(index.labels);
  return dataset;
}

}  // namespace stroma
