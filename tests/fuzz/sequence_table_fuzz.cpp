// Any text as a table of sequences: read, or refused with an Error. Every row is found by its id.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "datasets/name_check.h"
#include "datasets/sequence_table.h"
#include "kernels/error.h"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

void check(const stroma::SequenceTable& table) {
  require(!table.rows.empty() && table.by_id.size() == table.rows.size());
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    const stroma::SequenceTable::Row& row = table.rows[i];
    require(row.fields.size() >= 2 && row.fields.size() == table.rows[0].fields.size());
    require(table.by_id.at(row.fields[0]) == i);
    for (const std::string& field : row.fields) {
      require(stroma::name_problem("a field", field).empty());
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    check(stroma::parse_sequence_table({reinterpret_cast<const char*>(data), size}, "fuzz.tsv"));
  } catch (const stroma::Error& error) {
    require(stroma::name_problem("the message", error.what()).empty());
  }
  return 0;
}
