#include "datasets/dataset.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <unordered_map>
#include <utility>

#include "datasets/distinct_names.h"
#include "kernels/error.h"

namespace stroma {

namespace {

std::string file_name(const std::string& file) {
  return std::filesystem::path(file).filename().string();
}

/// Which parts of where they come from tell sequences apart.
struct Origins {
  std::set<std::string> files;
  std::set<std::string> file_names;  // without folders
  std::set<std::pair<std::string, std::string>> records;
};

Origins origins_of(std::span<const Sequence> sequences) {
  Origins origins;
  const Sequence* last = nullptr;  // most come from where the one before came from
  for (const Sequence& sequence : sequences) {
    if (last && last->file == sequence.file && last->record == sequence.record) continue;
    last = &sequence;
    origins.files.insert(sequence.file);
    origins.file_names.insert(file_name(sequence.file));
    if (!sequence.record.empty()) origins.records.emplace(sequence.file, sequence.record);
  }
  return origins;
}

}  // namespace

std::string example_id(const Dataset& dataset, const Example& example) {
  return fmt::format("{}:{}-{}", dataset.name(example.sequence), example.offset + 1,
                     example.offset + std::ssize(dataset.window(example)));
}

std::string place_of(const Sequence& sequence) {
  const std::string line = sequence.line > 0 ? std::to_string(sequence.line) : "";
  if (sequence.file.empty()) return line.empty() ? "" : "line " + line;
  return line.empty() ? sequence.file : sequence.file + ":" + line;
}

std::vector<std::string> distinct_ids(std::span<const Sequence> sequences) {
  const Origins origins = origins_of(sequences);
  const bool by_file = origins.files.size() > 1;
  const bool by_record = by_file || origins.records.size() > 1;
  const bool by_folder = origins.file_names.size() < origins.files.size();
  std::vector<std::string> ids;
  DistinctNames names('#');
  for (const Sequence& sequence : sequences) {
    std::string id = sequence.id;
    if (by_record && !sequence.record.empty()) id = sequence.record + "/" + id;
    if (by_file) {
      const std::string name = file_name(sequence.file);
      const std::string file = by_folder ? sequence.file : name;
      // A line of a CSV is called after its file already.
      const bool named = sequence.record.empty() && id.starts_with(name + ":");
      id = named ? file + id.substr(name.size()) : file + "/" + id;
    }
    ids.push_back(names.take(id));
  }
  return ids;
}

std::string label_of(const std::string& id, const std::string& until) {
  return until.empty() ? id : id.substr(0, id.find(until));
}

void label_by_id(LabelledSequences& labelled, const std::string& until,
                 std::vector<std::string>& notes) {
  std::unordered_map<std::string, std::string> id_of;  // by label
  bool noted = false;
  for (std::size_t i = 0; i < labelled.sequences.size(); ++i) {
    std::string& label = labelled.labels[i];
    if (!label.empty()) continue;
    const Sequence& sequence = labelled.sequences[i];
    label = label_of(sequence.id, until);
    if (label.empty()) {
      throw Error(
          fmt::format("{}: nothing of the name '{}' stands before its first '{}'; rename it, "
                      "or take names whole as labels",
                      place_of(sequence), sequence.id, until));
    }
    const std::string& known = id_of.emplace(label, sequence.id).first->second;
    if (known != sequence.id && !noted) {
      notes.push_back(
          fmt::format("Cut at '{}', names fall together: '{}' and '{}' are both of the "
                      "class '{}'.",
                      until, known, sequence.id, label));
      noted = true;
    }
  }
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

Dataset whole_sequences(LabelledSequences labelled, int64_t length) {
  if (labelled.sequences.empty()) throw Error("there is no sequence to learn from");
  LabelIndex index = index_labels(labelled.labels);
  const Sequence& first = labelled.sequences.front();
  Dataset dataset;
  dataset.length = length > 0 ? length : std::ssize(first.letters);
  for (size_t i = 0; i < labelled.sequences.size(); ++i) {
    const Sequence& sequence = labelled.sequences[i];
    if (std::ssize(sequence.letters) != dataset.length) {
      if (length > 0) continue;
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

Dataset padded_sequences(LabelledSequences labelled, int64_t length, ExamplePadding padding) {
  if (labelled.sequences.empty()) throw Error("there is no sequence to learn from");
  LabelIndex index = index_labels(labelled.labels);
  Dataset dataset;
  dataset.length = length;
  dataset.padding = padding;
  for (size_t i = 0; i < labelled.sequences.size(); ++i) {
    const std::string& letters = labelled.sequences[i].letters;
    if (length == 0) dataset.length = std::max<int64_t>(dataset.length, std::ssize(letters));
    dataset.examples.push_back({static_cast<int32_t>(i), 0, index.index[i]});
  }
  dataset.sequences = std::move(labelled.sequences);
  dataset.labels = std::move(index.labels);
  return dataset;
}

}  // namespace stroma
