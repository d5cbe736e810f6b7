// Examples for a model: windows into sequences that stay as they are. A window is (sequence,
// offset, label) and is never written out.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace stroma {

/// A named sequence, letters in upper case.
struct Sequence {
  std::string id;  // a gene's name, a FASTA record's id: whole, never cut
  std::string letters;
  int64_t line = 0;         // where it begins in its file, for messages
  std::string file = {};    // that it was read from, as in messages; "" where it was made in memory
  std::string record = {};  // id of the record that it was cut from; "" where it is a record itself
};

struct Example {
  int32_t sequence;  // index into Dataset::sequences
  int32_t offset;    // first letter of the window
  int32_t label;     // index into Dataset::labels
};

struct Dataset {
  std::vector<Sequence> sequences;
  std::vector<Example> examples;
  std::vector<std::string> labels;  // sorted
  int64_t length = 0;               // letters an example

  std::string_view window(const Example& example) const {
    return std::string_view(sequences[example.sequence].letters).substr(example.offset, length);
  }
};

/// Sequences, each with its label.
struct LabelledSequences {
  std::vector<Sequence> sequences;
  std::vector<std::string> labels;  // [sequences]
};

/// The label of a sequence: its id up to the first '_'.
std::string label_of(const std::string& id);

/// Each sequence under the label that its id gives. Throws Error, with `file` and the line of the
/// sequence, for an id that gives no label, and for two different ids that give the same one: cut
/// at their '_', "ycf1_a" and "ycf1_b" would silently become one class.
LabelledSequences label_by_id(std::vector<Sequence> sequences, const std::string& file);

/// The distinct names, sorted, and for each of `names` its place among them.
struct LabelIndex {
  std::vector<std::string> labels;
  std::vector<int32_t> index;  // [names]
};
LabelIndex index_labels(const std::vector<std::string>& names);

/// A dataset in which each sequence, whole, is one example. Throws Error where there is none, or
/// where the sequences differ in length.
Dataset whole_sequences(LabelledSequences labelled);

}  // namespace stroma
