// Any bytes as a GFF3 file, with the sequences that it may hold and beside others: whole records or
// an Error, nothing else.
#include "datasets/gff3.h"
#include "tests/fuzz/records.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::vector<stroma::Sequence> beside = {{.id = "chr", .letters = "ACGTTGCAAGCTGGATCCAT"},
                                                {.id = "chr2", .letters = "ACGUUGCA"}};
  for (const auto& sequences : {std::vector<stroma::Sequence>(), beside}) {
    std::vector<stroma::Record> records;
    try {
      records = stroma::parse_gff3(text, "fuzz", sequences);
    } catch (const stroma::Error&) {
      continue;
    }
    stroma::fuzz::check_records(records);
  }
  return 0;
}
