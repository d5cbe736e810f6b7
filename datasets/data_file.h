// A file that a user names as data, whatever its format: told by its text, and read.
#pragma once

#include <filesystem>
#include <vector>

#include "datasets/dataset.h"
#include "datasets/file_format.h"
#include "datasets/record.h"
#include "kernels/error.h"

namespace stroma {

/// An option that the command line gives and that has no effect on the data beside it.
struct OptionWithoutEffect : Error {
  using Error::Error;
};

/// The file at `path`; "-" is standard input. With an annotation, a GFF3 file, `path` is FASTA and
/// the two are a genome. Throws Error, with file and line, for what is of none of the formats, and
/// where a file of one format cannot be read as such.
DataFile read_data_file(const std::filesystem::path& path, const FileOptions& options = {});

/// The records of a genome, or of proteins, for uses that cut something out of them. Throws Error
/// for a file without annotation.
std::vector<Record> read_genome(const std::filesystem::path& path,
                                const std::filesystem::path& annotation = {});

/// The sequences of a file as they are: records whole, under their ids.
std::vector<Sequence> whole_records(DataFile file);

}  // namespace stroma
