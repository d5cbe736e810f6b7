#include "training/data_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <numeric>
#include <set>
#include <span>
#include <string_view>
#include <utility>

#include "datasets/sequence_table.h"
#include "engine/names.h"
#include "engine/text.h"
#include "kernels/error.h"

namespace stroma {
namespace {

using Rows = std::vector<const SequenceTable::Row*>;

float weight_in(const SequenceTable& table, const SequenceTable::Row& row, std::size_t column) {
  const std::string& text = row.fields[column];
  float weight = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), weight);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  if (!whole || !std::isfinite(weight) || weight < 0) {
    throw Error(fmt::format("{}:{}: the weight of '{}' is '{}'; it must be a number of 0 or more",
                            table.file, row.line, row.fields[0], text));
  }
  return weight;
}

std::size_t column_of(const SequenceTable& table, const std::string& name) {
  if (const auto column = column_named(table, name)) return *column;
  const SequenceTable::Row& header = table.rows.front();
  const std::vector<std::string> names(header.fields.begin() + 1, header.fields.end());
  throw Error(fmt::format("{}:{}: no column is called '{}'; this line names {}", table.file,
                          header.line, name, listed(names, "and")));
}

void apply_labels(const DataOptions& options, const SequenceTable& table, const Rows& rows,
                  LabelledSequences& labelled) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::string label = rows[i]->fields[1];
    if (label.empty() && options.label_sets) label = ";";  // "" stands for no label known yet
    if (label.empty()) {
      throw Error(
          fmt::format("{}:{}: the label of '{}' is empty; write one, or leave the sequence "
                      "out",
                      table.file, rows[i]->line, rows[i]->fields[0]));
    }
    labelled.labels[i] = std::move(label);
  }
  if (options.weight.empty()) return;
  const std::size_t column = column_of(table, options.weight);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    labelled.sequences[i].weight = weight_in(table, *rows[i], column);
  }
}

void group_by_genome(std::vector<Sequence>& sequences) {
  const auto of_first_file = [&](const Sequence& s) { return s.file == sequences.front().file; };
  const bool one_file = std::all_of(sequences.begin(), sequences.end(), of_first_file);
  for (Sequence& sequence : sequences) {
    sequence.group = one_file && !sequence.record.empty() ? sequence.record : sequence.file;
  }
}

void group_by_column(const SequenceTable& table, std::size_t column, const Rows& rows,
                     std::vector<Sequence>& sequences) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    sequences[i].group = rows[i]->fields[column];
    if (!sequences[i].group.empty()) continue;
    throw Error(fmt::format("{}:{}: '{}' has no group; write one, or leave the sequence out",
                            table.file, rows[i]->line, rows[i]->fields[0]));
  }
}

/// The labels in "a;b", without blanks round them.
std::vector<std::string> labels_in(std::string_view text) {
  std::vector<std::string> labels;
  while (!text.empty()) {
    const std::string_view label = text.substr(0, text.find(';'));
    if (!trimmed(label).empty()) labels.emplace_back(trimmed(label));
    text.remove_prefix(std::min(label.size() + 1, text.size()));
  }
  return labels;
}

/// Whether an example counts among those that are trained or split.
bool is_of_data(const Dataset& dataset, const Example& example) {
  return dataset.sequences[example.sequence].given_for == GivenFor::any;
}

/// Calls f(label) for each label of an example.
template <class F>
void for_each_label(const Dataset& dataset, const Example& example, const F& f) {
  if (dataset.label_sets.empty()) return f(example.label);
  for (const int32_t label : dataset.label_sets[example.sequence]) f(label);
}

/// "'a', 'b' and 3 more".
std::string named_labels(const std::vector<std::string>& labels) {
  constexpr std::size_t most = 10;
  std::vector<std::string> words;
  for (std::size_t i = 0; i < std::min(labels.size(), most); ++i) {
    words.push_back("'" + labels[i] + "'");
  }
  if (labels.size() > most) words.push_back(fmt::format("{} more", labels.size() - most));
  return listed(words, "and");
}

/// Keeps the labels that are `known`, under their new numbers.
void renumber(Dataset& dataset, const std::vector<bool>& known) {
  std::vector<std::string> labels;
  std::vector<int32_t> number;
  for (std::size_t label = 0; label < known.size(); ++label) {
    number.push_back(static_cast<int32_t>(labels.size()));
    if (known[label]) labels.push_back(dataset.labels[label]);
  }
  for (Example& example : dataset.examples) example.label = number[example.label];
  for (std::vector<int32_t>& set : dataset.label_sets) {
    std::erase_if(set, [&](int32_t label) { return !known[label]; });
    for (int32_t& label : set) label = number[label];
  }
  dataset.labels = std::move(labels);
}

/// Drops examples with a label that is not known; returns which.
std::vector<Example> take_unknown(Dataset& dataset, const std::vector<bool>& known) {
  std::vector<Example> taken, left;
  std::vector<float> weights;
  for (std::size_t i = 0; i < dataset.examples.size(); ++i) {
    const Example& example = dataset.examples[i];
    bool all = true;
    for_each_label(dataset, example, [&](int32_t label) { all = all && known[label]; });
    (all ? left : taken).push_back(example);
    if (all && !dataset.weights.empty()) weights.push_back(dataset.weights[i]);
  }
  dataset.examples = std::move(left);
  dataset.weights = std::move(weights);
  return taken;
}

/// Notes what was left out of one part. Throws Error where that was all of it.
void note_unseen(const DataOptions& options, const DataFiles& files, GivenFor part,
                 const Dataset& dataset, const std::vector<Example>& taken,
                 std::vector<std::string>& notes) {
  if (files.empty()) return;
  const auto is_in_part = [&](const Example& example) {
    return dataset.sequences[example.sequence].given_for == part;
  };
  const auto count = std::count_if(taken.begin(), taken.end(), is_in_part);
  const std::string name = name_of(part_of(options, files));
  if (std::none_of(dataset.examples.begin(), dataset.examples.end(), is_in_part)) {
    throw Error(fmt::format("{}: {}", name,
                            count == 0 ? "there is no example in it"
                                       : "no label in it is one that is trained; are these labels "
                                         "of the same kind?"));
  }
  if (count == 0) return;
  const bool wrong = options.unseen == Unseen::wrong && part == GivenFor::test;
  notes.push_back(describe_unseen(name, count, wrong, dataset.unseen_labels));
}

}  // namespace

std::string describe_unseen(const std::string& data, int64_t count, bool wrong,
                            const std::vector<std::string>& labels) {
  return fmt::format("{}: {} example{} {} of labels that are not trained, and {}: {}.", data, count,
                     count == 1 ? "" : "s", count == 1 ? "is" : "are",
                     wrong ? "counted as wrong" : "left out", named_labels(labels));
}

void check_takes_table(const DataFile& file, const std::filesystem::path& table) {
  if (!file.labels.empty()) {
    throw Error(
        fmt::format("{} gives labels of its own, and {} is a table of others; leave one "
                    "of them out",
                    file.name, table.string()));
  }
  if (file.nameless) {
    throw Error(
        fmt::format("{} is lines without ids, by which {} could give them labels; make "
                    "FASTA of it, or write the labels behind the sequences",
                    file.name, table.string()));
  }
}

void apply_tables(const DataOptions& options, std::size_t in_paths, LabelledSequences& labelled,
                  std::vector<std::string>& notes) {
  SequenceTable table;
  Rows rows;
  if (!options.labels.empty()) {
    table = read_sequence_table(options.labels);
    rows = rows_of(table, std::span(labelled.sequences).first(in_paths), notes);
    apply_labels(options, table, rows, labelled);
  }
  if (options.group.empty()) return;
  if (options.group == "genome") return group_by_genome(labelled.sequences);
  const auto column = rows.empty() ? std::nullopt : column_named(table, options.group);
  if (column && in_paths == labelled.sequences.size()) {
    return group_by_column(table, *column, rows, labelled.sequences);
  }
  std::error_code error;
  if (!std::filesystem::exists(options.group, error)) {
    throw Error(
        fmt::format("--group {} is neither 'genome', nor a column of the table of labels, "
                    "nor a file of ids and groups",
                    options.group));
  }
  table = read_sequence_table(options.group);
  group_by_column(table, 1, rows_of(table, labelled.sequences, notes), labelled.sequences);
}

void set_label_sets(Dataset& dataset, const std::vector<std::string>& labels) {
  std::set<std::string> distinct;
  for (const std::string& text : labels) {
    for (std::string& label : labels_in(text)) distinct.insert(std::move(label));
  }
  dataset.labels.assign(distinct.begin(), distinct.end());
  for (const std::string& text : labels) {
    std::set<int32_t> set;
    for (const std::string& label : labels_in(text)) {
      const auto place = std::lower_bound(dataset.labels.begin(), dataset.labels.end(), label);
      set.insert(static_cast<int32_t>(place - dataset.labels.begin()));
    }
    dataset.label_sets.emplace_back(set.begin(), set.end());
  }
  for (Example& example : dataset.examples) {
    const std::vector<int32_t>& set = dataset.label_sets[example.sequence];
    example.label = set.empty() ? 0 : set.front();
  }
}

void leave_out_unseen(const DataOptions& options, Dataset& dataset,
                      std::vector<std::string>& notes) {
  std::vector<bool> known(dataset.labels.size());
  for (const Example& example : dataset.examples) {
    if (!is_of_data(dataset, example)) continue;
    for_each_label(dataset, example, [&](int32_t label) { known[label] = true; });
  }
  for (std::size_t label = 0; label < known.size(); ++label) {
    if (!known[label]) dataset.unseen_labels.push_back(dataset.labels[label]);
  }
  const std::vector<Example> taken = take_unknown(dataset, known);
  renumber(dataset, known);
  note_unseen(options, options.validation, GivenFor::validation, dataset, taken, notes);
  note_unseen(options, options.test, GivenFor::test, dataset, taken, notes);
  dataset.unseen_tests = std::count_if(taken.begin(), taken.end(), [&](const Example& example) {
    return dataset.sequences[example.sequence].given_for == GivenFor::test;
  });
}

DataOptions part_of(DataOptions options, const DataFiles& files) {
  static_cast<DataFiles&>(options) = files;
  options.annotation.clear();
  options.validation = options.test = {};
  options.weight.clear();  // weights are those of training
  options.group.clear();
  options.given.clear();
  return options;
}

}  // namespace stroma
