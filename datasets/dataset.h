// Examples for a model: windows into sequences that stay as they are, or whole sequences. An
// example is (sequence, offset, label) and is never written out.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace stroma {

/// The part of a split that a sequence was given for; `any`: the split decides.
enum class GivenFor : uint8_t { any, validation, test };

/// A named sequence, letters in upper case.
struct Sequence {
  std::string id;  // a gene's name, a FASTA record's id: whole, never cut
  std::string letters;
  int64_t line = 0;         // where it begins in its file, for messages
  std::string file = {};    // that it was read from, as in messages; "" where it was made in memory
  std::string record = {};  // id of the record that it was cut from; "" where it is a record itself
  std::string group = {};   // what a split keeps in one part; "" where nobody asked for groups
  float weight = 1;         // of its examples in the loss
  GivenFor given_for = GivenFor::any;
};

struct Example {
  int32_t sequence;  // index into Dataset::sequences
  int32_t offset;    // first letter of the window
  int32_t label;     // index into Dataset::labels
};

/// How examples of fewer letters than others are filled up.
struct ExamplePadding {
  bool at_start = false;  // before their letters; else behind them
  bool masked = false;    // a model is told how many letters each has
};

struct Dataset {
  std::vector<Sequence> sequences;
  std::vector<std::string> names;  // [sequences] as in outputs: distinct_ids; empty: their ids
  std::vector<Example> examples;
  std::vector<std::string> labels;             // sorted
  int64_t length = 0;                          // letters an example, those of padding among them
  std::optional<ExamplePadding> padding = {};  // none: all examples have `length` letters
  std::vector<float> weights = {};             // [examples] how much each counts; empty: all 1
  // [sequences] all labels of each, ascending, of a table of several labels a sequence; else empty,
  // and a sequence has the label of its examples
  std::vector<std::vector<int32_t>> label_sets = {};
  // Of labels that only the validation or the test part has: their examples are not here.
  std::vector<std::string> unseen_labels = {};
  int64_t unseen_tests = 0;  // how many test examples are left out so

  /// What outputs call a sequence.
  const std::string& name(int64_t sequence) const {
    return names.empty() ? sequences[sequence].id : names[sequence];
  }

  /// The letters of an example, without padding.
  std::string_view window(const Example& example) const {
    return std::string_view(sequences[example.sequence].letters).substr(example.offset, length);
  }
};

/// "petA:18-57": the name of the sequence and the example's letters in it, counted from 1.
std::string example_id(const Dataset& dataset, const Example& example);

/// Sequences, each with its label.
struct LabelledSequences {
  std::vector<Sequence> sequences;
  std::vector<std::string> labels;  // [sequences]
};

/// "genes.fasta:7", or what of it is known, for messages.
std::string place_of(const Sequence& sequence);

/// What outputs call the sequences, each name once: the id; with its record before it where they
/// come from several records of annotated files ("NC_000932.1/psbA"), and with its file's name
/// before that where they come from several files. What is the same still ends with "#2", "#3", ….
std::vector<std::string> distinct_ids(std::span<const Sequence> sequences);

/// The label that an id gives: the whole id, or what stands before the first `until` in it.
std::string label_of(const std::string& id, const std::string& until);

/// Gives each sequence whose label is still "" the one of its id. `notes` receives a sentence where
/// ids that differ give one label. Throws Error with the place of a sequence whose id gives none.
void label_by_id(LabelledSequences& labelled, const std::string& until,
                 std::vector<std::string>& notes);

/// The distinct names, sorted, and for each of `names` its place among them.
struct LabelIndex {
  std::vector<std::string> labels;
  std::vector<int32_t> index;  // [names]
};
LabelIndex index_labels(const std::vector<std::string>& names);

/// A dataset in which each sequence of `length` letters, whole, is one example; without a length,
/// that of the first. Throws Error where there is no sequence, or no length is given and they
/// differ.
Dataset whole_sequences(LabelledSequences labelled, int64_t length = 0);

/// A dataset in which each sequence is one example, padded to `length` letters; 0: those of the
/// longest. Of one that has more letters the example holds the first. Throws Error where there is
/// no sequence.
Dataset padded_sequences(LabelledSequences labelled, int64_t length, ExamplePadding padding);

}  // namespace stroma
