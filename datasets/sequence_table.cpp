#include "datasets/sequence_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "datasets/csv_fields.h"
#include "datasets/line_reader.h"
#include "datasets/name_check.h"
#include "datasets/text_file.h"
#include "engine/text.h"
#include "kernels/error.h"

namespace stroma {
namespace {

using Row = SequenceTable::Row;

[[noreturn]] void fail_repeated(const std::string& where, const Row& row, const Row& known) {
  for (std::size_t i = 1; i < row.fields.size(); ++i) {
    if (row.fields[i] == known.fields[i]) continue;
    throw Error(fmt::format("{}: '{}' has '{}' here and '{}' in line {}; leave the wrong one out",
                            where, row.fields[0], row.fields[i], known.fields[i], known.line));
  }
  throw Error(fmt::format("{}: '{}' is in line {} already; leave one of them out", where,
                          row.fields[0], known.line));
}

Row row_of(const LineReader& lines, char separator, const SequenceTable& table) {
  Row row{csv_fields(lines.line(), separator, lines.where()), lines.number()};
  if (row.fields.size() < 2) {
    throw Error(lines.where() +
                ": a line of a table holds an id and what belongs to it, with a tab or a comma "
                "between them, but there is one field");
  }
  if (!table.rows.empty() && row.fields.size() != table.rows[0].fields.size()) {
    throw Error(fmt::format("{}: there are {} fields, but {} in line {}", lines.where(),
                            row.fields.size(), table.rows[0].fields.size(), table.rows[0].line));
  }
  if (row.fields[0].empty()) throw Error(lines.where() + ": the id is empty");
  for (const std::string& field : row.fields) {
    check_name("a field", field, lines.file(), lines.number());
  }
  return row;
}

}  // namespace

SequenceTable parse_sequence_table(std::string_view text, const std::string& name) {
  SequenceTable table{.file = name, .rows = {}, .by_id = {}};
  LineReader lines(text, name);
  char separator = 0;
  while (lines.next()) {
    if (trimmed(lines.line()).empty()) continue;
    if (separator == 0) separator = lines.line().find('\t') != std::string_view::npos ? '\t' : ',';
    Row row = row_of(lines, separator, table);
    const auto [known, is_new] = table.by_id.try_emplace(row.fields[0], table.rows.size());
    if (!is_new) fail_repeated(lines.where(), row, table.rows[known->second]);
    table.rows.push_back(std::move(row));
  }
  if (table.rows.empty()) {
    throw Error(name + ": the table is empty; a line a sequence is expected, as `ID, LABEL`");
  }
  return table;
}

SequenceTable read_sequence_table(const std::filesystem::path& path) {
  return parse_sequence_table(read_text_file(path), name_of(path));
}

std::optional<std::size_t> column_named(const SequenceTable& table, const std::string& name) {
  const std::vector<std::string>& header = table.rows.front().fields;
  const auto found = std::find(header.begin() + 1, header.end(), name);
  if (found == header.end()) return {};
  return found - header.begin();
}

std::vector<const Row*> rows_of(const SequenceTable& table, std::span<const Sequence> sequences,
                                std::vector<std::string>& notes) {
  std::vector<const Row*> rows;
  std::vector<bool> used(table.rows.size());
  for (const Sequence& sequence : sequences) {
    const auto found = table.by_id.find(sequence.id);
    if (found == table.by_id.end()) {
      throw Error(fmt::format("{}: '{}' has no line in {}; add one, or leave the sequence out",
                              place_of(sequence), sequence.id, table.file));
    }
    used[found->second] = true;
    rows.push_back(&table.rows[found->second]);
  }
  used[0] = true;  // it may be a header
  const auto first = std::find(used.begin(), used.end(), false);
  if (first != used.end()) {
    const Row& row = table.rows[first - used.begin()];
    notes.push_back(fmt::format("{}:{}: no sequence is called '{}'; {} of {} lines are not used.",
                                table.file, row.line, row.fields[0],
                                std::count(used.begin(), used.end(), false), used.size()));
  }
  return rows;
}

}  // namespace stroma
