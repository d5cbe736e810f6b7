#include "training/data_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

#include "datasets/data_file.h"
#include "datasets/extract.h"
#include "datasets/text_file.h"
#include "training/data_checks.h"
#include "training/data_tables.h"
#include "training/fingerprint.h"

namespace stroma {
namespace {

Unique unique_named(const std::string& name) {
  if (name == "sequence") return Unique::sequence;
  if (name == "name") return Unique::name;
  if (name == "none") return Unique::none;
  throw Error("--unique " + name + " is none of sequence, name, none");
}

DataFile read_class_file(const ClassFile& file) {
  DataFile read = read_data_file(file.path, {.annotation = {}, .labels = Labels::optional});
  if (read.kind == DataKind::genome) {
    throw Error(
        fmt::format("{} is {}; of one class are sequences as they are: cut them out of it "
                    "first with stroma extract",
                    read.name, read.what));
  }
  if (!read.labels.empty()) {
    throw Error(
        fmt::format("{} gives labels of its own, but all of it is to be of the class '{}'; "
                    "leave the labels out of the file, or name it as DATA",
                    read.name, file.label));
  }
  read.labels.assign(std::max(read.sequences.size(), read.records.size()), file.label);
  return read;
}

/// Those of `paths`, then those of one class each.
std::vector<DataFile> read_files(const DataOptions& options, Labels labels) {
  if (!options.labels.empty()) labels = Labels::optional;
  std::vector<DataFile> files;
  for (const std::filesystem::path& path : options.paths) {
    files.push_back(read_data_file(path, {.annotation = options.annotation, .labels = labels}));
    if (!options.labels.empty()) check_takes_table(files.back(), options.labels);
  }
  for (const ClassFile& file : options.classes) files.push_back(read_class_file(file));
  return files;
}

/// What is cut out of a genome for a model of this alphabet.
std::vector<Sequence> cut(const DataFile& genome, const DataOptions& options,
                          const Alphabet& alphabet, std::vector<std::string>& notes) {
  Extraction extraction =
      alphabet.name() == protein_alphabet().name()
          ? extract_proteins(genome.records,
                             {.min_length = options.min_protein_length, .strict = options.strict})
          : extract_upstream(genome.records, {.length = options.upstream_length,
                                              .unique = unique_named(options.unique),
                                              .feature = options.feature,
                                              .strict = options.strict});
  for (const std::string& sentence : describe_left_out(extraction)) {
    const bool tells_file =
        options.sequence_files().size() == 1 || sentence.starts_with(genome.name);
    notes.push_back(tells_file ? sentence : genome.name + ": " + sentence);
  }
  return std::move(extraction.sequences);
}

/// The sequences of DATA; labels are "" but where the file gives them.
LabelledSequences read_sequences(const DataOptions& options, const Alphabet& alphabet,
                                 Labels labels_in_csv, std::vector<std::string>& notes) {
  std::vector<DataFile> files = read_files(options, labels_in_csv);
  check_given_options(options, files, alphabet);
  check_kinds(files);
  LabelledSequences all;
  std::size_t in_paths = 0;  // sequences
  for (std::size_t i = 0; i < files.size(); ++i) {
    DataFile& file = files[i];
    if (file.kind == DataKind::proteins && alphabet.name() != protein_alphabet().name()) {
      throw Error(
          fmt::format("{}: holds proteins, and {} is to be read; name a model, or an "
                      "--alphabet, of proteins",
                      file.name, alphabet.name()));
    }
    std::vector<std::string> labels = std::move(file.labels);
    std::vector<Sequence> sequences = file.kind == DataKind::genome
                                          ? cut(file, options, alphabet, notes)
                                          : whole_records(std::move(file));
    labels.resize(sequences.size());
    std::move(sequences.begin(), sequences.end(), std::back_inserter(all.sequences));
    std::move(labels.begin(), labels.end(), std::back_inserter(all.labels));
    if (i < options.paths.size()) in_paths = all.sequences.size();
  }
  apply_tables(options, in_paths, all, notes);
  check_letters(options, alphabet, all.sequences, notes);
  return all;
}

void drop_examples_with_unknown(Dataset& dataset, const Alphabet& alphabet) {
  std::erase_if(dataset.examples, [&](const Example& example) {
    const std::string_view window = dataset.window(example);
    return !std::all_of(window.begin(), window.end(),
                        [&](char letter) { return alphabet.contains(letter); });
  });
  if (dataset.examples.empty()) {
    throw Error("every window holds a letter outside the " + alphabet.name() +
                " alphabet; --unknown zero reads such letters as zeros");
  }
}

Dataset examples_of(LabelledSequences labelled, const DataOptions& options,
                    const Alphabet& alphabet, int64_t length, Device device) {
  return naming_data(options, [&] {
    const std::vector<std::string> labels =
        options.label_sets ? labelled.labels : std::vector<std::string>();
    const Padding& padding = options.padding;
    Dataset dataset =
        options.augment ? windows_dataset(std::move(labelled), options.windows, device)
        : padding.on
            ? padded_sequences(std::move(labelled), length, {padding.at_start, padding.mask})
            : whole_sequences(std::move(labelled), length);
    if (options.unknown == "skip") drop_examples_with_unknown(dataset, alphabet);
    dataset.names = distinct_ids(dataset.sequences);
    if (options.label_sets) set_label_sets(dataset, labels);
    if (!options.weight.empty()) {
      for (const Example& example : dataset.examples) {
        dataset.weights.push_back(dataset.sequences[example.sequence].weight);
      }
    }
    return dataset;
  });
}

/// Applies the checks of lengths to one part of the data.
void check_sizes(const DataOptions& options, LabelledSequences& labelled,
                 std::vector<std::string>& notes) {
  const int64_t length = options.windows.length;
  if (options.padding.on) {
    if (length > 0) check_not_too_long(options, length, labelled.sequences, notes);
  } else if (options.augment) {
    check_lengths(options, length, false, labelled, notes);
  }
}

int64_t longest(const std::vector<Sequence>& sequences) {
  std::size_t most = 0;
  for (const Sequence& sequence : sequences) most = std::max(most, sequence.letters.size());
  return static_cast<int64_t>(most);
}

/// Appends the sequences of the parts given apart.
void load_parts(const DataOptions& options, const Alphabet& alphabet, LabelledSequences& all,
                std::vector<std::string>& notes) {
  for (const auto& [files, part] : {std::pair(options.validation, GivenFor::validation),
                                    std::pair(options.test, GivenFor::test)}) {
    if (files.empty()) continue;
    const DataOptions of_part = part_of(options, files);
    LabelledSequences read = load_sequences(of_part, alphabet, notes);
    check_sizes(of_part, read, notes);
    for (Sequence& sequence : read.sequences) sequence.given_for = part;
    std::move(read.sequences.begin(), read.sequences.end(), std::back_inserter(all.sequences));
    std::move(read.labels.begin(), read.labels.end(), std::back_inserter(all.labels));
  }
}

}  // namespace

ClassFile class_file(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0 || equals + 1 == text.size()) {
    throw Error(fmt::format("LABEL=FILE is expected, not \"{}\"", text));
  }
  return {text.substr(0, equals), text.substr(equals + 1)};
}

std::vector<std::filesystem::path> DataFiles::sequence_files() const {
  std::vector<std::filesystem::path> files = paths;
  for (const ClassFile& file : classes) files.push_back(file.path);
  return files;
}

std::vector<std::filesystem::path> DataOptions::files() const {
  std::vector<std::filesystem::path> all;
  for (const DataFiles* part : parts()) {
    for (const std::filesystem::path& path : part->sequence_files()) all.push_back(path);
    if (!part->labels.empty()) all.push_back(part->labels);
  }
  if (!annotation.empty()) all.push_back(annotation);
  std::error_code error;
  if (group != "genome" && std::filesystem::is_regular_file(group, error)) all.emplace_back(group);
  return all;
}

std::string name_of(const DataOptions& options) {
  const std::vector<std::filesystem::path> files = options.sequence_files();
  if (files.empty()) return "DATA";  // of a config.json that names none
  std::string first = name_of(files.front());
  const std::size_t more = files.size() - 1;
  if (more == 0) return first;
  return fmt::format("{} and {} more file{}", first, more, more == 1 ? "" : "s");
}

std::vector<std::string> names_of(const DataOptions& options) {
  std::vector<std::string> names;
  for (const std::filesystem::path& path : options.files()) names.push_back(name_of(path));
  names.push_back(name_of(options));
  return names;
}

const Alphabet& alphabet_named(const std::string& name) {
  if (name == "dna") return dna_alphabet();
  if (name == "rna") return rna_alphabet();
  if (name == "protein") return protein_alphabet();
  throw Error("no alphabet is called \"" + name + "\"; there are dna, rna and protein");
}

Alphabet alphabet_of(const ModelSpec& model) {
  return alphabet_named(model.alphabet).in_order(model.letters);
}

void note_bases_as_proteins(const std::string& data, const Alphabet& alphabet,
                            const std::vector<Sequence>& sequences,
                            std::vector<std::string>& notes) {
  if (alphabet.name() == protein_alphabet().name() &&
      find_unknown(dna_alphabet(), sequences).count == 0) {
    notes.push_back(data + ": read as proteins, but all letters are A, C, G or T: is this DNA?");
  }
}

LabelledSequences load_sequences(const DataOptions& options, const Alphabet& alphabet,
                                 std::vector<std::string>& notes) {
  LabelledSequences labelled = read_sequences(options, alphabet, Labels::required, notes);
  label_by_id(labelled, options.label_until, notes);
  return labelled;
}

std::vector<Sequence> load_records(const DataOptions& options) {
  std::vector<Sequence> all;
  for (DataFile& file : read_files(options, Labels::optional)) {
    const std::vector<std::string> labels = std::move(file.labels);
    const bool nameless = file.nameless;
    std::vector<Sequence> sequences = whole_records(std::move(file));
    for (std::size_t i = 0; nameless && i < labels.size(); ++i) sequences[i].id = labels[i];
    std::move(sequences.begin(), sequences.end(), std::back_inserter(all));
  }
  return all;
}

Dataset load_dataset(const DataOptions& asked, const Alphabet& alphabet,
                     std::vector<std::string>& notes, Device device) {
  LabelledSequences labelled = load_sequences(asked, alphabet, notes);
  check_sizes(asked, labelled, notes);
  DataOptions options = asked;
  int64_t& length = options.windows.length;
  // Parts given apart are padded to the longest sequence that is trained on.
  if (options.padding.on && length == 0) length = longest(labelled.sequences);
  load_parts(options, alphabet, labelled, notes);
  Dataset dataset =
      examples_of(std::move(labelled), options, alphabet, options.padding.on ? length : 0, device);
  if (!options.validation.empty() || !options.test.empty()) {
    leave_out_unseen(options, dataset, notes);
  }
  return dataset;
}

Dataset load_for_model(const DataOptions& options, const Alphabet& alphabet, int64_t length,
                       bool labels_needed, std::vector<std::string>& notes) {
  LabelledSequences labelled =
      read_sequences(options, alphabet, labels_needed ? Labels::required : Labels::optional, notes);
  if (labels_needed) {
    label_by_id(labelled, options.label_until, notes);
  } else {
    for (std::size_t i = 0; i < labelled.labels.size(); ++i) {
      std::string& label = labelled.labels[i];
      if (label.empty()) label = label_of(labelled.sequences[i].id, options.label_until);
    }
  }
  if (options.padding.on) {
    check_not_too_long(options, length, labelled.sequences, notes);
  } else {
    check_lengths(options, length, !labels_needed, labelled, notes);
  }
  return examples_of(std::move(labelled), options, alphabet, length, {});
}

std::string fingerprint(const Dataset& dataset) {
  Fingerprint print;
  for (const Sequence& sequence : dataset.sequences) {
    print.add(sequence.id);
    print.add(sequence.letters);
  }
  for (const std::string& label : dataset.labels) print.add(label);
  print.add(dataset.examples.data(), dataset.examples.size() * sizeof(Example));
  // What older data does not have adds nothing.
  for (const Sequence& sequence : dataset.sequences) {
    if (!sequence.group.empty()) print.add(sequence.group);
    if (sequence.given_for != GivenFor::any) print.add(&sequence.given_for, 1);
  }
  print.add(dataset.weights.data(), dataset.weights.size() * sizeof(float));
  for (const std::vector<int32_t>& set : dataset.label_sets) {
    print.add(set.data(), set.size() * sizeof(int32_t));
    print.add("", 1);
  }
  return print.digits();
}

}  // namespace stroma
