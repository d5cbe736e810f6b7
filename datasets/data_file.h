// A file that a user names as data, whatever its format: told by its text, and read.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "datasets/dataset.h"
#include "datasets/labelled_csv.h"
#include "datasets/record.h"
#include "kernels/error.h"

namespace stroma {

/// An option that the command line gives and that has no effect on the data beside it.
struct OptionWithoutEffect : Error {
  using Error::Error;
};

enum class DataKind {
  genome,    // annotated records: GenBank, EMBL, GFF3 with its sequences
  proteins,  // records that are proteins themselves: GenPept
  fasta,
  csv,
};

/// "a FASTA file", for messages.
std::string describe(DataKind kind);

struct DataFile {
  std::string name;  // as in messages
  DataKind kind;
  std::vector<Record> records = {};      // of a genome, of proteins
  std::vector<Sequence> sequences = {};  // of FASTA and CSV
  std::vector<std::string> labels = {};  // [sequences] of a CSV; "" where it has none
};

/// The file at `path`; "-" is standard input. With `annotation`, a GFF3 file, `path` is FASTA and
/// the two are a genome. Throws Error, with file and line, for what is of none of these kinds, and
/// where a file of one kind cannot be read as such.
DataFile read_data_file(const std::filesystem::path& path,
                        const std::filesystem::path& annotation = {},
                        Labels labels = Labels::required);

/// The records of a genome, or of proteins, for uses that cut something out of them. Throws Error
/// for a file without annotation.
std::vector<Record> read_genome(const std::filesystem::path& path,
                                const std::filesystem::path& annotation = {});

/// The sequences of a file as they are: records whole, under their ids; those of a CSV under their
/// labels where it has them.
std::vector<Sequence> whole_records(DataFile file);

}  // namespace stroma
