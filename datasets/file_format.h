// A format of data files: how its text is told from others, and how it is read. Each is one
// function, `FileFormat NAME_format()`, at the end of the file that reads the format; the build
// makes the list of them, so that a further format is a further file.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "datasets/dataset.h"
#include "datasets/record.h"

namespace stroma {

enum class DataKind {
  genome,     // annotated records, of which regions or proteins are cut
  proteins,   // records that are proteins themselves
  sequences,  // taken as they are
};

/// What a file holds.
struct DataFile {
  std::string name;  // as in messages
  DataKind kind;
  std::string what;                      // "a FASTA file", for messages
  std::vector<Record> records = {};      // of a genome, of proteins
  std::vector<Sequence> sequences = {};  // of the others
  std::vector<std::string> labels = {};  // [sequences]; empty where the file gives none of its own
  bool nameless = false;                 // ids say where sequences stand, as "FILE:LINE"
};

/// Whether sequences must have a label where a format has labels of its own.
enum class Labels { required, optional };

struct FileOptions {
  std::filesystem::path annotation = {};  // the GFF3 file of a FASTA genome; "": none
  Labels labels = Labels::required;
};

struct FileFormat {
  /// Whether a text of this format begins here, at the start of a line: by that line alone. It is
  /// asked of the first line that is not blank, and while that is a comment with '#', of the next.
  bool (*begins)(std::string_view text) = nullptr;
  /// Whether the format is found further down, in a text that begins as none and is of no kind
  /// known to be foreign.
  bool (*follows_heading)(std::string_view text) = nullptr;
  /// `name` is the file's, for messages. Throws Error, with file and line, for what cannot be read.
  DataFile (*read)(std::string_view text, const std::string& name, const FileOptions& options);
  bool takes_annotation = false;  // else FileOptions::annotation is empty
};

/// A file of records, all of them annotated or all proteins. Throws Error for a mixture.
DataFile with_records(const std::string& name, std::vector<Record> records);

/// A file of sequences that are taken as they are.
DataFile with_sequences(const std::string& name, const std::string& what,
                        std::vector<Sequence> sequences);

}  // namespace stroma
