// From what the user names as DATA to examples: a GenBank file (its upstream regions or proteins),
// a FASTA file, or a CSV of labelled sequences.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "augment/windows.h"
#include "datasets/alphabet.h"
#include "datasets/dataset.h"
#include "engine/device.h"
#include "kernels/error.h"
#include "layers/model_spec.h"

namespace stroma {

/// How DATA becomes examples; the defaults are the published protocol's.
struct DataOptions {
  std::filesystem::path path;
  bool augment = true;  // windows; otherwise every sequence, whole, is one example
  WindowOptions windows;
  int64_t upstream_length = 300;     // of a GenBank file, for a nucleotide model
  int64_t min_protein_length = 100;  // of a GenBank file, for a protein model
  std::string unique = "sequence";   // which upstream regions: sequence, name, none
  std::string unknown = "error";     // letters outside the alphabet: error, zero, skip
};

/// The alphabet of a model; throws Error for a name that is none.
const Alphabet& alphabet_named(const std::string& name);

/// Adds a note where what is read as proteins has no letter but A, C, G and T.
void note_bases_as_proteins(const std::filesystem::path& path, const Alphabet& alphabet,
                            const std::vector<Sequence>& sequences,
                            std::vector<std::string>& notes);

/// The labelled sequences of DATA, before windows are cut. `notes` receives sentences that the user
/// should see (genes left out, unknown letters taken as zero).
LabelledSequences load_sequences(const DataOptions& options, const Alphabet& alphabet,
                                 std::vector<std::string>& notes);

/// The sequences of a file as they are, for uses without labels: the records of a GenBank file,
/// whole, under their versions; those of a FASTA file; those of a CSV under their labels.
std::vector<Sequence> load_records(const std::filesystem::path& path);

/// The examples of DATA: windows, or whole sequences. A CSV whose sequences all have the window's
/// length is taken as windows already cut. Windows are found on `device`; the same on each.
Dataset load_dataset(const DataOptions& options, const Alphabet& alphabet,
                     std::vector<std::string>& notes, Device device = {});

/// Calls f(); an Error that does not begin with the file's path yet is thrown on with it.
template <class F>
auto naming_file(const std::filesystem::path& path, F&& f) {
  try {
    return f();
  } catch (const Error& error) {
    const std::string message = error.what();
    if (message.starts_with(path.string())) throw;
    throw Error(path.string() + ": " + message);
  }
}

/// A number that changes when the letters, examples or labels do: to notice that --resume meets
/// other data.
std::string fingerprint(const Dataset& dataset);

}  // namespace stroma
