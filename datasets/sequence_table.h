// Tables of what is known of sequences beside their letters: labels, weights, groups.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "datasets/dataset.h"

namespace stroma {

struct SequenceTable {
  struct Row {
    std::vector<std::string> fields;  // the first is the id
    int64_t line;
  };
  std::string file;       // as in messages
  std::vector<Row> rows;  // as many fields in each, two or more; the first row may be a header
  std::unordered_map<std::string, std::size_t> by_id;  // in rows
};

/// Reads lines `ID, FIELD[, FIELD…]`, with tabs between the fields where the first line holds one,
/// else with commas, as in CSV; blank lines are passed over. Throws Error, with file and line, for
/// a line of another number of fields and for an id that is in the table already.
SequenceTable parse_sequence_table(std::string_view text, const std::string& name);

/// The same from a file, plain or compressed.
SequenceTable read_sequence_table(const std::filesystem::path& path);

/// The place of the field under which the first line has `name`, behind the id; none otherwise.
std::optional<std::size_t> column_named(const SequenceTable& table, const std::string& name);

/// The row of each sequence, by its id. `notes` receives a sentence where rows are left over, the
/// first line apart. Throws Error with the place of a sequence that has no row.
std::vector<const SequenceTable::Row*> rows_of(const SequenceTable& table,
                                               std::span<const Sequence> sequences,
                                               std::vector<std::string>& notes);

}  // namespace stroma
