#include "datasets/file_format.h"

#include <algorithm>
#include <utility>

#include "kernels/error.h"

namespace stroma {

DataFile with_records(const std::string& name, std::vector<Record> records) {
  const auto is_protein = [](const Record& record) { return record.protein; };
  const bool proteins = std::all_of(records.begin(), records.end(), is_protein);
  if (!proteins && std::any_of(records.begin(), records.end(), is_protein)) {
    throw Error(name + ": holds records of proteins beside records of bases; divide the file");
  }
  DataFile file{.name = name,
                .kind = proteins ? DataKind::proteins : DataKind::genome,
                .what = proteins ? "a file of protein records" : "an annotated genome"};
  file.records = std::move(records);
  return file;
}

DataFile with_sequences(const std::string& name, const std::string& what,
                        std::vector<Sequence> sequences) {
  DataFile file{.name = name, .kind = DataKind::sequences, .what = what};
  file.sequences = std::move(sequences);
  for (Sequence& sequence : file.sequences) sequence.file = name;
  return file;
}

}  // namespace stroma
