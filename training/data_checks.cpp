#include "training/data_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

namespace stroma {
namespace {

bool is_genome(const DataFile& file) { return file.kind == DataKind::genome; }

bool reads_proteins(const Alphabet& alphabet) {
  return alphabet.name() == protein_alphabet().name();
}

/// "is for …; " and what is there instead, or "" where the option has an effect.
std::string why_without_effect(const std::string& option, const DataOptions& options,
                               const std::vector<DataFile>& files, const Alphabet& alphabet) {
  if (option == "--short") {
    return options.padding.on ? "is about sequences too short for a model; this one pads them" : "";
  }
  if (option == "--label-until") {
    if (!options.labels.empty()) {
      return fmt::format("is for labels that are names; {} is a table of labels",
                         options.labels.string());
    }
    const bool all_labelled = std::all_of(
        files.begin(), files.end(), [](const DataFile& file) { return !file.labels.empty(); });
    return all_labelled ? fmt::format("is for labels that are names; {} gives labels of its own",
                                      files.front().name)
                        : "";
  }
  const auto other = std::find_if_not(files.begin(), files.end(), is_genome);
  if (other != files.end()) {
    return fmt::format("is for annotated genomes; {} is {}", other->name, other->what);
  }
  if (option == "--strict") return "";
  const bool of_proteins = option == "--min-protein-length";
  if (of_proteins == reads_proteins(alphabet)) return "";
  return of_proteins ? "is for proteins; the bases before each gene are read here"
                     : "is for the bases before each gene; proteins are read here";
}

/// What to do about letters outside the alphabet: another one where some are not even codes that
/// stand for its letters.
std::string remedy_for_unknown(const Alphabet& alphabet, const std::vector<Sequence>& sequences) {
  if (const auto foreign = find_foreign(alphabet, sequences)) {
    if (look_like_proteins(sequences)) {
      return "; these look like proteins: give a model of proteins, in augment windows --alphabet "
             "protein";
    }
    return fmt::format(
        "; {} is not of {} at all: this may be a header, or sequences for another model or "
        "alphabet",
        alphabet.describe(foreign->letter), alphabet.name());
  }
  return "; --unknown zero reads such letters as zeros, --unknown skip leaves their windows out";
}

}  // namespace

void check_given_options(const DataOptions& options, const std::vector<DataFile>& files,
                         const Alphabet& alphabet) {
  for (const std::string& option : options.given) {
    const std::string why = why_without_effect(option, options, files, alphabet);
    if (!why.empty()) throw OptionWithoutEffect(option + " " + why);
  }
}

void check_kinds(const std::vector<DataFile>& files) {
  const auto genome = std::find_if(files.begin(), files.end(), is_genome);
  const auto other = std::find_if_not(files.begin(), files.end(), is_genome);
  if (genome == files.end() || other == files.end()) return;
  throw Error(fmt::format(
      "{} is {}, of which regions are cut, and {} is {}, whose sequences are taken as they are; "
      "give one kind at a time, or cut the genome first with stroma extract",
      genome->name, genome->what, other->name, other->what));
}

void check_letters(const DataOptions& options, const Alphabet& alphabet,
                   const std::vector<Sequence>& sequences, std::vector<std::string>& notes) {
  note_bases_as_proteins(name_of(options), alphabet, sequences, notes);
  const UnknownLetters unknown = find_unknown(alphabet, sequences);
  if (unknown.count == 0) return;
  const std::string what =
      sequences[unknown.sequence].file + ": " + describe(alphabet, unknown, sequences);
  if (options.unknown == "error") {
    throw Error(what + remedy_for_unknown(alphabet, sequences));
  }
  notes.push_back(what + (options.unknown == "zero" ? "; they are read as zeros."
                                                    : "; windows that hold one are left out."));
}

void check_lengths(const DataOptions& options, int64_t length, bool keep,
                   LabelledSequences& labelled, std::vector<std::string>& notes) {
  std::vector<bool> fits;
  for (const Sequence& sequence : labelled.sequences) {
    const int64_t letters = std::ssize(sequence.letters);
    fits.push_back(options.augment ? letters >= length : letters == length);
  }
  const auto first = std::find(fits.begin(), fits.end(), false);
  if (first == fits.end()) return;
  const Sequence& sequence = labelled.sequences[first - fits.begin()];
  const std::string wanted = options.augment
                                 ? fmt::format("fewer than a window of {}", length)
                                 : fmt::format("but the model reads whole sequences of {}", length);
  if (options.too_short == "error") {
    throw Error(fmt::format("{}: '{}' has {} letters, {}; --short skip leaves such sequences out",
                            place_of(sequence), sequence.id, sequence.letters.size(), wanted));
  }
  const auto count = std::count(fits.begin(), fits.end(), false);
  const bool all = count == std::ssize(fits);
  std::string what =
      fmt::format("{}: {} of {} sequences {} left out, the first '{}' of {} letters, {}",
                  name_of(options), all ? "all" : std::to_string(count), fits.size(),
                  count == 1 ? "is" : "are", sequence.id, sequence.letters.size(), wanted);
  if (all) throw Error(what + "; none is left");
  notes.push_back(what + ".");
  if (keep) return;
  LabelledSequences left;
  for (std::size_t i = 0; i < fits.size(); ++i) {
    if (!fits[i]) continue;
    left.sequences.push_back(std::move(labelled.sequences[i]));
    left.labels.push_back(std::move(labelled.labels[i]));
  }
  labelled = std::move(left);
}

void check_not_too_long(const DataOptions& options, int64_t length,
                        const std::vector<Sequence>& sequences, std::vector<std::string>& notes) {
  const auto is_too_long = [&](const Sequence& s) { return std::ssize(s.letters) > length; };
  const auto first = std::find_if(sequences.begin(), sequences.end(), is_too_long);
  if (first == sequences.end()) return;
  const std::string what = fmt::format("'{}' has {} letters, more than the {} that the model reads",
                                       first->id, first->letters.size(), length);
  if (!options.padding.cut) {
    throw Error(
        fmt::format("{}: {}; shorten it or leave it out, or train with too_long = \"cut\" in "
                    "the model, which reads the first {}",
                    place_of(*first), what, length));
  }
  const auto count = std::count_if(sequences.begin(), sequences.end(), is_too_long);
  notes.push_back(fmt::format("{}: {}; of {} of {} sequences the end is not read.",
                              place_of(*first), what, count, sequences.size()));
}

}  // namespace stroma
