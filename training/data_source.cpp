#include "training/data_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "datasets/extract.h"
#include "datasets/fasta.h"
#include "datasets/genbank.h"
#include "datasets/labelled_csv.h"
#include "datasets/text_file.h"
#include "kernels/error.h"

namespace stroma {
namespace {

enum class Format { genbank, fasta, csv };

/// Told by the first letters: GenBank begins with LOCUS, FASTA with '>'; the rest must be CSV.
Format format_of(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return Format::csv;
  text.remove_prefix(first);
  if (text.starts_with("LOCUS")) return Format::genbank;
  return text.starts_with('>') ? Format::fasta : Format::csv;
}

Unique unique_named(const std::string& name) {
  if (name == "sequence") return Unique::sequence;
  if (name == "name") return Unique::name;
  if (name == "none") return Unique::none;
  throw Error("--unique " + name + " is none of sequence, name, none");
}

/// What to do about letters outside the alphabet: another one where some are not even codes that
/// stand for its letters.
std::string remedy_for_unknown(const Alphabet& alphabet, const std::vector<Sequence>& sequences) {
  if (const auto foreign = find_foreign(alphabet, sequences)) {
    return fmt::format(
        "; {} is not of {} at all: this may be a header, or sequences for another model or "
        "alphabet",
        alphabet.describe(foreign->letter), alphabet.name());
  }
  return "; --unknown zero reads such letters as zeros, --unknown skip leaves their windows out";
}

/// Applies `--unknown` to letters outside the alphabet. With `skip` the examples that hold one are
/// dropped later, when they are cut.
void check_letters(const DataOptions& options, const Alphabet& alphabet,
                   const std::vector<Sequence>& sequences, std::vector<std::string>& notes) {
  note_bases_as_proteins(options.path, alphabet, sequences, notes);
  const UnknownLetters unknown = find_unknown(alphabet, sequences);
  if (unknown.count == 0) return;
  const std::string what = options.path.string() + ": " + describe(alphabet, unknown, sequences);
  if (options.unknown == "error") {
    throw Error(what + remedy_for_unknown(alphabet, sequences));
  }
  notes.push_back(what + (options.unknown == "zero" ? "; they are read as zeros."
                                                    : "; windows that hold one are left out."));
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

}  // namespace

const Alphabet& alphabet_named(const std::string& name) {
  if (name == "dna") return dna_alphabet();
  if (name == "rna") return rna_alphabet();
  if (name == "protein") return protein_alphabet();
  throw Error("no alphabet is called \"" + name + "\"; there are dna, rna and protein");
}

void note_bases_as_proteins(const std::filesystem::path& path, const Alphabet& alphabet,
                            const std::vector<Sequence>& sequences,
                            std::vector<std::string>& notes) {
  if (alphabet.name() == protein_alphabet().name() &&
      find_unknown(dna_alphabet(), sequences).count == 0) {
    notes.push_back(path.string() +
                    ": read as proteins, but all letters are A, C, G or T: is this DNA?");
  }
}

LabelledSequences load_sequences(const DataOptions& options, const Alphabet& alphabet,
                                 std::vector<std::string>& notes) {
  const std::string text = read_text_file(options.path);
  const std::string name = options.path.string();
  LabelledSequences labelled;
  switch (format_of(text)) {
    case Format::genbank: {
      const std::vector<Record> records = parse_genbank(text, name);
      Extraction extraction =
          alphabet.name() == protein_alphabet().name()
              ? extract_proteins(records, {.min_length = options.min_protein_length})
              : extract_upstream(records, {.length = options.upstream_length,
                                           .unique = unique_named(options.unique)});
      for (std::string& sentence : describe_left_out(extraction)) {
        notes.push_back(std::move(sentence));
      }
      labelled = label_by_id(std::move(extraction.sequences), name);
      break;
    }
    case Format::fasta:
      labelled = label_by_id(parse_fasta(text, name), name);
      break;
    case Format::csv:
      labelled = parse_labelled_csv(text, name);
      break;
  }
  check_letters(options, alphabet, labelled.sequences, notes);
  return labelled;
}

std::vector<Sequence> load_records(const std::filesystem::path& path) {
  const std::string text = read_text_file(path);
  const std::string name = path.string();
  const Format format = format_of(text);
  if (format == Format::fasta) return parse_fasta(text, name);
  std::vector<Sequence> sequences;
  if (format == Format::genbank) {
    for (Record& record : parse_genbank(text, name)) {
      sequences.push_back({.id = std::move(record.id),
                           .letters = std::move(record.letters),
                           .line = record.line,
                           .file = name});
    }
    return sequences;
  }
  LabelledSequences labelled = parse_labelled_csv(text, name);
  for (size_t i = 0; i < labelled.labels.size(); ++i) {
    labelled.sequences[i].id = std::move(labelled.labels[i]);
  }
  return std::move(labelled.sequences);
}

Dataset load_dataset(const DataOptions& options, const Alphabet& alphabet,
                     std::vector<std::string>& notes, Device device) {
  LabelledSequences labelled = load_sequences(options, alphabet, notes);
  return naming_file(options.path, [&] {
    Dataset dataset = options.augment
                          ? windows_dataset(std::move(labelled), options.windows, device)
                          : whole_sequences(std::move(labelled));
    if (options.unknown == "skip") drop_examples_with_unknown(dataset, alphabet);
    return dataset;
  });
}

std::string fingerprint(const Dataset& dataset) {
  uint64_t hash = 14695981039346656037u;  // FNV-1a
  const auto add = [&](const void* bytes, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      hash = (hash ^ static_cast<const unsigned char*>(bytes)[i]) * 1099511628211u;
    }
  };
  for (const Sequence& sequence : dataset.sequences) {
    add(sequence.id.c_str(), sequence.id.size() + 1);
    add(sequence.letters.c_str(), sequence.letters.size() + 1);
  }
  for (const std::string& label : dataset.labels) add(label.c_str(), label.size() + 1);
  add(dataset.examples.data(), dataset.examples.size() * sizeof(Example));
  return fmt::format("{:016x}", hash);
}

}  // namespace stroma
