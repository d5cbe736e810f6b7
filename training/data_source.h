// From what the user names as DATA to examples: genomes (their upstream regions or proteins), or
// sequences as they are (FASTA, CSV, protein records).
#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include "augment/windows.h"
#include "datasets/alphabet.h"
#include "datasets/dataset.h"
#include "engine/device.h"
#include "engine/names.h"
#include "kernels/error.h"
#include "layers/model_spec.h"

namespace stroma {

/// What becomes of test examples whose label no training example has.
enum class Unseen { error, skip, wrong };
template <>
struct NamesOf<Unseen> {
  static constexpr const char* kind = "way with labels that are not trained";
  static constexpr const char* all[] = {"error", "skip", "wrong"};
};

/// A file of sequences that are all of one class.
struct ClassFile {
  std::string label;
  std::filesystem::path path;
};

/// Of "LABEL=FILE". Throws Error for a text that is none.
ClassFile class_file(const std::string& text);

/// Where one part of the data is.
struct DataFiles {
  std::vector<std::filesystem::path> paths;  // "-" is standard input
  std::vector<ClassFile> classes;
  std::filesystem::path labels;  // a table of the ids and labels in `paths`; "": none

  bool empty() const { return paths.empty() && classes.empty(); }
  /// Those that hold sequences.
  std::vector<std::filesystem::path> sequence_files() const;
};

/// How DATA becomes examples; the defaults are the published protocol's. Its own files are what a
/// split divides, or, beside the parts given apart, what is trained on.
struct DataOptions : DataFiles {
  std::filesystem::path annotation;  // the GFF3 file of a FASTA genome; "": none
  bool augment = true;               // windows; otherwise every sequence, whole, is one example
  WindowOptions windows;
  Padding padding;  // of whole sequences, as the model has it, to windows.length letters, or, where
                    // that is 0, to those of the longest
  std::string feature = "auto";      // of a genome: before which features upstream regions lie
  int64_t upstream_length = 300;     // of a genome, for a nucleotide model
  int64_t min_protein_length = 100;  // of a genome, for a protein model
  std::string unique = "sequence";   // which upstream regions: sequence, name, none
  bool strict = false;               // of a genome: a feature that cannot be read is an error
  std::string label_until;           // a label is what stands before this in a name; "": the name
  std::string unknown = "error";     // letters outside the alphabet: error, zero, skip
  std::string too_short = "error";   // sequences of fewer letters than an example: error, skip

  DataFiles validation, test;  // given apart; empty: split off
  Unseen unseen = Unseen::skip;
  std::string weight;       // column of `labels` with the weight of each; "": all weigh 1
  std::string group;        // what a split keeps together: "genome", a column of `labels`
                            // or a file of ids and groups; "": nothing
  bool label_sets = false;  // a label is several, with ';' between them

  /// Its own files and those of the parts given apart.
  std::array<const DataFiles*, 3> parts() const { return {this, &validation, &test}; }
  /// All files that are read.
  std::vector<std::filesystem::path> files() const;
  /// The options, of those above, that the command line gives: one without effect is refused.
  std::vector<std::string> given;
};

/// What messages call all of DATA: its file, "standard input", or "a.gb and 2 more files".
std::string name_of(const DataOptions& options);

/// What messages call each file of DATA, and last all of it.
std::vector<std::string> names_of(const DataOptions& options);

/// "dna", "rna" or "protein"; throws Error for a name that is none.
const Alphabet& alphabet_named(const std::string& name);

/// The alphabet of a model, its letters in the model's order.
Alphabet alphabet_of(const ModelSpec& model);

/// Adds a note where what is read as proteins has no letter but A, C, G and T.
void note_bases_as_proteins(const std::string& data, const Alphabet& alphabet,
                            const std::vector<Sequence>& sequences,
                            std::vector<std::string>& notes);

/// The labelled sequences of DATA, before windows are cut. `notes` receives sentences that the user
/// should see (genes left out, unknown letters taken as zero).
LabelledSequences load_sequences(const DataOptions& options, const Alphabet& alphabet,
                                 std::vector<std::string>& notes);

/// The sequences of files as they are, for uses without labels: records whole, those of a CSV under
/// their labels where it has them.
std::vector<Sequence> load_records(const DataOptions& options);

/// The examples of DATA: windows, or whole sequences, padded or of one length. A CSV whose
/// sequences all have the window's length is taken as windows already cut. Windows are found on
/// `device`; the same on each.
Dataset load_dataset(const DataOptions& asked, const Alphabet& alphabet,
                     std::vector<std::string>& notes, Device device = {});

/// The same for a model that is there and reads `length` letters: whole sequences of another length
/// are left out as `too_short` says, or padded, and longer ones cut or refused. Unless
/// `labels_needed`, any sequence may lack a label, and those without an example stay in the
/// dataset.
Dataset load_for_model(const DataOptions& options, const Alphabet& alphabet, int64_t length,
                       bool labels_needed, std::vector<std::string>& notes);

/// Calls f(); an Error that names none of `names` first is thrown on with the last of them.
template <class F>
auto naming(const std::vector<std::string>& names, F&& f) {
  try {
    return f();
  } catch (const Error& error) {
    const std::string message = error.what();
    for (const std::string& name : names) {
      if (message.starts_with(name)) throw;
    }
    throw Error(names.back() + ": " + message);
  }
}
template <class F>
auto naming_file(const std::filesystem::path& path, F&& f) {
  return naming({path.string()}, f);
}
/// The same where the error may be of any file of DATA.
template <class F>
auto naming_data(const DataOptions& options, F&& f) {
  return naming(names_of(options), f);
}

/// A number that changes when the letters, examples or labels do: to notice that --resume meets
/// other data.
std::string fingerprint(const Dataset& dataset);

}  // namespace stroma
