// What DATA says of its sequences beside their letters: labels, weights and groups from tables,
// several labels a sequence, and labels of parts given apart that are never trained.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "datasets/data_file.h"
#include "training/data_source.h"

namespace stroma {

/// Throws Error where a file's sequences cannot have labels from the table: they have their own, or
/// no ids.
void check_takes_table(const DataFile& file, const std::filesystem::path& table);

/// Gives the first `in_paths` sequences the labels and weights of `options.labels`, if there is
/// such a table, and all sequences their groups. Throws Error, with file and line, for what a table
/// lacks or cannot mean.
void apply_tables(const DataOptions& options, std::size_t in_paths, LabelledSequences& labelled,
                  std::vector<std::string>& notes);

/// Of a dataset under labels such as "blaKPC;blaTEM" ([sequences], as in `labels`), makes single
/// labels of them, and the sets of each sequence. An example's own label becomes the first of its
/// set, 0 where that is empty.
void set_label_sets(Dataset& dataset, const std::vector<std::string>& labels);

/// Leaves out the examples of the validation and test part, given apart, whose label no other
/// example has, and counts and names them, in the dataset and in `notes`. Throws Error where a part
/// has none left.
void leave_out_unseen(const DataOptions& options, Dataset& dataset,
                      std::vector<std::string>& notes);

/// A sentence on `count` examples of labels that no training example has.
std::string describe_unseen(const std::string& data, int64_t count, bool wrong,
                            const std::vector<std::string>& labels);

/// `options` for the files of a part given apart.
DataOptions part_of(DataOptions options, const DataFiles& files);

}  // namespace stroma
