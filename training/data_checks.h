// What DATA is checked for once it is read: that the options given mean something for it, that its
// letters are of the alphabet, and that its sequences are long enough.
#pragma once

#include <string>
#include <vector>

#include "datasets/alphabet.h"
#include "datasets/data_file.h"
#include "training/data_source.h"

namespace stroma {

/// Throws OptionWithoutEffect for the first of `options.given` that changes nothing here.
void check_given_options(const DataOptions& options, const std::vector<DataFile>& files,
                         const Alphabet& alphabet);

/// Throws Error where genomes, of which something is cut, stand beside sequences taken as they are.
void check_kinds(const std::vector<DataFile>& files);

/// Applies `--unknown` to letters outside the alphabet. With `skip` the examples that hold one are
/// dropped later, when they are cut.
void check_letters(const DataOptions& options, const Alphabet& alphabet,
                   const std::vector<Sequence>& sequences, std::vector<std::string>& notes);

/// Applies `--short`: to sequences of fewer letters than a window, or, of whole sequences, of other
/// than `length`. They are removed, or, with `keep`, only counted in the note.
void check_lengths(const DataOptions& options, int64_t length, bool keep,
                   LabelledSequences& labelled, std::vector<std::string>& notes);

/// Of sequences that are padded to `length` letters: those that have more are an error, or, where
/// they are cut, a note.
void check_not_too_long(const DataOptions& options, int64_t length,
                        const std::vector<Sequence>& sequences, std::vector<std::string>& notes);

}  // namespace stroma
